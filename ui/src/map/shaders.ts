/** GLSL of the track layer. All sizes are CSS pixels; colours are premultiplied. */

import { FLAG_HIDDEN } from "../live/instances";

/** Edge of a marked symbol's quad: room for the ring, the badge and the brackets. */
const MARKED_PX = 72;
/** Edge of a plain symbol's quad, and of a dot's: what is not drawn costs nothing. */
const PLAIN_PX = 42;
const DOT_PX = 8;

const PLACE = `
uniform vec4 u_centre;   // x_hi y_hi x_lo y_lo of the view's middle, Mercator units
uniform float u_scale;   // width of the world
uniform vec2 u_view;     // size of the view
uniform float u_now;     // s since the rows' epoch
uniform float u_ahead;   // longest extrapolation, s
layout(location = 0) in vec4 a_place;
layout(location = 1) in vec4 a_move;  // vx vy t0 course
layout(location = 2) in vec4 a_look;  // symbol flags confidence speed

// Hi parts are subtracted first: near the middle their difference is exact.
vec2 place() {
  int flags = int(a_look.y);
  float dt = (flags & 8) != 0 ? 0.0 : clamp(u_now - a_move.z, 0.0, u_ahead);
  vec2 d = (a_place.xy - u_centre.xy) + (a_place.zw - u_centre.zw) + a_move.xy * dt;
  d.x -= floor(d.x + 0.5);
  return d * u_scale;
}
vec4 clip(vec2 px) {
  return vec4(px.x / (u_view.x * 0.5), -px.y / (u_view.y * 0.5), 0.0, 1.0);
}`;

export const SYMBOL_VERTEX = `#version 300 es
precision highp float;
${PLACE}
uniform int u_selected;
uniform int u_hovered;
uniform int u_pass;      // the graver is drawn later, so that nothing covers it
uniform bool u_dense;    // too many symbols to tell apart: neutral ones become dots
out vec2 v_px;
flat out int v_flags;
flat out float v_cell;
flat out int v_mark;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) - 0.5;
  v_flags = int(a_look.y);
  v_cell = a_look.x * 2.0 + ((v_flags & 4) != 0 ? 1.0 : 0.0);
  v_mark = gl_InstanceID == u_selected ? 2 : gl_InstanceID == u_hovered ? 1 : 0;
  bool marked = v_mark > 0 || (v_flags & 3) > 0;
  if (u_dense && !marked && (v_flags & 512) != 0) v_mark = -1;
  v_px = corner * (marked ? ${MARKED_PX.toFixed(1)} : v_mark < 0 ? ${DOT_PX.toFixed(1)} : ${PLAIN_PX.toFixed(1)});
  bool shown = (v_flags & ${FLAG_HIDDEN}) == 0 && (v_flags & 3) == u_pass;
  gl_Position = shown ? clip(place() + v_px) : vec4(2.0, 2.0, 2.0, 1.0);
}`;

export const SYMBOL_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D u_atlas;
uniform vec2 u_cells;     // columns, rows
uniform float u_cell_px;
uniform float u_pulse;    // 0 to 1 through each second; negative: no motion
uniform vec3 u_severity[4];
uniform vec3 u_act;
uniform vec3 u_ink;
uniform vec3 u_ground;
uniform vec3 u_rim;       // parts a severity from the ground: dark on a light one
uniform vec3 u_neutral;
in vec2 v_px;
flat in int v_flags;
flat in float v_cell;
flat in int v_mark;
out vec4 o_colour;

float edge(float d) { return clamp(0.5 - d, 0.0, 1.0); }
vec4 over(vec4 below, vec3 colour, float a) {
  return vec4(colour * a, a) + below * (1.0 - a);
}
// Triangle, diamond, square: the severity shapes of the queue.
float shape(vec2 p, int severity, float r) {
  if (severity == 3) return max(abs(p.x) * 0.866 - p.y * 0.5 - r * 0.5, p.y - r * 0.55);
  if (severity == 2) return (abs(p.x) + abs(p.y) - r * 1.15) * 0.7071;
  return max(abs(p.x), abs(p.y)) - r * 0.8;
}
void main() {
  if (v_mark < 0) {
    // Square is the frame of neutral.
    float d = max(abs(v_px.x), abs(v_px.y));
    o_colour = over(vec4(u_ground, 1.0) * edge(d - 4.0), u_neutral, edge(d - 3.0));
    return;
  }
  int severity = v_flags & 3;
  vec3 tone = u_severity[severity];
  vec4 c = vec4(0.0);
  float r = length(v_px);
  if (severity > 0) {
    c = over(c, tone, 0.10 * edge(r - 22.0));
    c = over(c, u_rim, 0.8 * edge(abs(r - 22.0) - 2.0));
    c = over(c, tone, edge(abs(r - 22.0) - 1.0));
    if (severity == 3 && (v_flags & 256) != 0 && u_pulse >= 0.0)
      c = over(c, tone, (1.0 - u_pulse) * 0.8 * edge(abs(r - 22.0 - u_pulse * 12.0) - 0.8));
  }
  vec2 inside = v_px / u_cell_px + 0.5;
  if (all(greaterThan(inside, vec2(0.0))) && all(lessThan(inside, vec2(1.0)))) {
    vec2 cell = vec2(mod(v_cell, u_cells.x), floor(v_cell / u_cells.x));
    vec4 s = texture(u_atlas, (cell + inside) / u_cells);
    if ((v_flags & 16) != 0) {
      float hatch = smoothstep(0.35, 0.65, abs(fract((v_px.x + v_px.y) / 5.0) - 0.5) * 2.0);
      s.rgb = mix(s.rgb, u_ground * s.a, 0.22 * (1.0 - hatch));
    }
    if ((v_flags & 8) != 0) s *= 0.5;
    c = s + c * (1.0 - s.a);
  }
  if ((v_flags & 32) != 0) {
    vec2 p = abs(v_px - vec2(14.0, 12.0));
    float x = max(abs(p.x - p.y) * 0.7071 - 1.2, max(p.x, p.y) - 5.0);
    c = over(c, u_ground, 0.9 * edge(x - 1.4));
    c = over(c, u_ink, edge(x));
  }
  if (severity > 0) {
    float d = shape(v_px - vec2(17.0, -17.0), severity, 7.5);
    c = over(c, u_rim, edge(d - 2.0));
    c = over(c, tone, edge(d));
  }
  if (v_mark == 2) {
    vec2 p = abs(v_px);
    float frame = abs(max(p.x, p.y) - 29.0) - 1.0;
    float corners = max(frame, 20.0 - min(p.x, p.y));
    c = over(c, u_act, edge(corners));
  } else if (v_mark == 1) {
    c = over(c, u_ink, 0.7 * edge(abs(r - 26.0) - 0.6));
  }
  if (c.a < 0.004) discard;
  o_colour = c;
}`;

/** Course tick, lengthened to where the track will be in a minute. */
export const LEADER_VERTEX = `#version 300 es
precision highp float;
${PLACE}
uniform bool u_dense;
out float v_side;
out float v_fade;
flat out float v_alpha;
void main() {
  float px = length(a_move.xy) * 60.0 * u_scale;
  bool moves = a_move.w >= 0.0 && a_look.w > 0.3;
  vec2 along = vec2(sin(a_move.w), -cos(a_move.w));
  vec2 across = vec2(-along.y, along.x);
  // One that would cross the picture is cut, and fades out to say so.
  float far = clamp(px, 20.0, 140.0);
  float t = float(gl_VertexID >> 1);
  v_fade = px > 140.0 ? t : 0.0;
  v_side = (float(gl_VertexID & 1) - 0.5) * 3.0;
  v_alpha = (int(a_look.y) & 8) != 0 ? 0.3 : 0.75;
  vec2 at = place() + along * mix(13.0, far, t) + across * v_side;
  // Where dots stand for symbols, a tick on each would be a grey fog.
  bool quiet = u_dense && (int(a_look.y) & 515) == 512;
  bool shown = moves && !quiet && (int(a_look.y) & ${FLAG_HIDDEN}) == 0;
  gl_Position = shown ? clip(at) : vec4(2.0, 2.0, 2.0, 1.0);
}`;

export const LEADER_FRAGMENT = `#version 300 es
precision highp float;
uniform vec3 u_ink;
in float v_side;
in float v_fade;
flat in float v_alpha;
out vec4 o_colour;
void main() {
  float a = v_alpha * (1.0 - v_fade) * clamp(1.4 - abs(v_side), 0.0, 1.0);
  o_colour = vec4(u_ink * a, a);
}`;
