/**
 * All tracks in two instanced draws on MapLibre's WebGL2 context: leaders,
 * then symbols. The rows of `Instances` are the vertex buffer as they stand.
 */
import type { CustomLayerInterface, Map as MapLibreMap } from "maplibre-gl";
import { AT, EXTRAPOLATE_S_MAX, type Instances, STRIDE } from "../live/instances";
import { type Atlas, CELL_PX } from "./atlas";
import { metered } from "../live/meter";
import type { Camera } from "./camera";
import { palette, rgb } from "./palette";
import { LEADER_FRAGMENT, LEADER_VERTEX, SYMBOL_FRAGMENT, SYMBOL_VERTEX } from "./shaders";

/** What a frame of the layer depends on, read anew for each. */
export interface TrackScene {
  /** The rows to draw; another set when the page goes between live and replay. */
  tracks(): Instances;
  camera(): Camera;
  now_s(): number;
  /** Rows to mark, -1 for none. */
  selectedRow(): number;
  hoveredRow(): number;
  /** Whether too many symbols are in view to tell them apart. */
  isDense(): boolean;
  /** 0 to 1 through each second, or -1 when nothing may move. */
  pulse(): number;
}

export class TrackLayer implements CustomLayerInterface {
  readonly id = "tracks";
  readonly type = "custom";
  readonly renderingMode = "2d";
  #symbols: Program | undefined;
  #leaders: Program | undefined;
  #rows: WebGLBuffer | null = null;
  #array: WebGLVertexArrayObject | null = null;
  #texture: WebGLTexture | null = null;
  #uploaded: { tracks: Instances; version: number } | undefined;
  #capacity = 0;

  constructor(
    readonly scene: TrackScene,
    public atlas: Atlas,
  ) {}

  /** Takes on another theme's symbols; `context` is the one the layer was added to. */
  restyle(context: WebGL2RenderingContext, atlas: Atlas): void {
    this.atlas = atlas;
    context.deleteTexture(this.#texture);
    this.#texture = this.#uploadAtlas(context);
  }

  onAdd(_map: MapLibreMap | undefined, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.#symbols = new Program(gl, SYMBOL_VERTEX, SYMBOL_FRAGMENT);
    this.#leaders = new Program(gl, LEADER_VERTEX, LEADER_FRAGMENT);
    this.#rows = gl.createBuffer();
    this.#array = gl.createVertexArray();
    this.#uploaded = undefined;
    this.#capacity = 0;
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#rows);
    for (const [location, offset] of [AT.xHi, AT.vx, AT.symbol].entries()) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 4, gl.FLOAT, false, STRIDE * 4, offset * 4);
      gl.vertexAttribDivisor(location, 1);
    }
    gl.bindVertexArray(null);
    this.#texture = this.#uploadAtlas(gl);
  }

  onRemove(_map: MapLibreMap | undefined, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.#symbols?.free();
    this.#leaders?.free();
    gl.deleteBuffer(this.#rows);
    gl.deleteVertexArray(this.#array);
    gl.deleteTexture(this.#texture);
  }

  render(context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    const tracks = this.scene.tracks();
    if (!this.#symbols || !this.#leaders || tracks.count === 0) return;
    gl.bindVertexArray(this.#array);
    this.#uploadRows(gl);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.disable(gl.CULL_FACE);

    this.#place(gl, this.#leaders);
    gl.uniform3fv(this.#leaders.at("u_ink"), rgb(palette.fg2));
    gl.uniform1i(this.#leaders.at("u_dense"), this.scene.isDense() ? 1 : 0);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, tracks.count);

    const symbols = this.#symbols;
    this.#place(gl, symbols);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#texture);
    gl.uniform1i(symbols.at("u_atlas"), 0);
    gl.uniform2f(symbols.at("u_cells"), this.atlas.columns, this.atlas.rows);
    gl.uniform1f(symbols.at("u_cell_px"), CELL_PX);
    gl.uniform1f(symbols.at("u_pulse"), this.scene.pulse());
    gl.uniform3fv(symbols.at("u_severity"), severityTones());
    gl.uniform3fv(symbols.at("u_act"), rgb(palette.act));
    gl.uniform3fv(symbols.at("u_ink"), rgb(palette.fg));
    gl.uniform3fv(symbols.at("u_ground"), rgb(palette.bg0));
    gl.uniform3fv(symbols.at("u_rim"), rgb(palette.rim));
    gl.uniform3fv(symbols.at("u_neutral"), rgb(palette.neutral));
    gl.uniform1i(symbols.at("u_dense"), this.scene.isDense() ? 1 : 0);
    gl.uniform1i(symbols.at("u_selected"), this.scene.selectedRow());
    gl.uniform1i(symbols.at("u_hovered"), this.scene.hoveredRow());
    const present = tracks.severities();
    for (let severity = 0; severity <= 3; severity += 1) {
      // A pass visits every row: one for nothing would cost as much as any.
      if ((present & (1 << severity)) === 0) continue;
      gl.uniform1i(symbols.at("u_pass"), severity);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, tracks.count);
    }
    gl.bindVertexArray(null);
  }

  #place(gl: WebGL2RenderingContext, program: Program): void {
    const camera = this.scene.camera();
    const xHi = Math.fround(camera.x);
    const yHi = Math.fround(camera.y);
    program.use();
    gl.uniform4f(program.at("u_centre"), xHi, yHi, camera.x - xHi, camera.y - yHi);
    gl.uniform1f(program.at("u_scale"), camera.scale);
    gl.uniform2f(program.at("u_view"), camera.width, camera.height);
    gl.uniform1f(program.at("u_now"), this.scene.now_s() - this.scene.tracks().epoch_s);
    gl.uniform1f(program.at("u_ahead"), EXTRAPOLATE_S_MAX);
  }

  #uploadRows(gl: WebGL2RenderingContext): void {
    const tracks = this.scene.tracks();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#rows);
    if (this.#uploaded?.tracks === tracks && this.#uploaded.version === tracks.version) return;
    metered("picket.upload", () => {
      if (this.#capacity !== tracks.data.length) {
        gl.bufferData(gl.ARRAY_BUFFER, tracks.data, gl.DYNAMIC_DRAW);
        this.#capacity = tracks.data.length;
      } else {
        gl.bufferSubData(gl.ARRAY_BUFFER, 0, tracks.data, 0, tracks.count * STRIDE);
      }
    });
    this.#uploaded = { tracks, version: tracks.version };
  }

  #uploadAtlas(gl: WebGL2RenderingContext): WebGLTexture | null {
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, this.atlas.canvas);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    return texture;
  }
}

/** None, caution or information, serious, critical: as the wire's two bits count. */
const severityTones = (): Float32Array =>
  new Float32Array([...rgb(palette.fg2), ...rgb(palette.cau), ...rgb(palette.ser), ...rgb(palette.crit)]);

/** A linked program and its uniforms by name. */
class Program {
  readonly #program: WebGLProgram;
  readonly #uniforms = new Map<string, WebGLUniformLocation | null>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    vertex: string,
    fragment: string,
  ) {
    this.#program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(kind);
      if (!shader) throw new Error("the graphics card gave no shader");
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        throw new Error(`track shader: ${gl.getShaderInfoLog(shader) ?? "no reason given"}`);
      }
      gl.attachShader(this.#program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS)) {
      throw new Error(`track program: ${gl.getProgramInfoLog(this.#program) ?? "no reason given"}`);
    }
  }

  use(): void {
    this.gl.useProgram(this.#program);
  }

  at(name: string): WebGLUniformLocation | null {
    if (!this.#uniforms.has(name)) this.#uniforms.set(name, this.gl.getUniformLocation(this.#program, name));
    return this.#uniforms.get(name) ?? null;
  }

  free(): void {
    this.gl.deleteProgram(this.#program);
  }
}
