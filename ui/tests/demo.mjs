/**
 * The page's story against the real binary: starts `picket demo`, takes the link
 * that it prints, and lets page.mjs tell the story on it.
 *
 *   node tests/demo.mjs ../target/release/picket [folder for screenshots]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

const [picket, shots] = process.argv.slice(2);
const demo = spawn(picket, ["demo", "--no-browser", "--people", "127.0.0.1:0"], {
  stdio: ["ignore", "pipe", "inherit"],
});
const ended = once(demo, "exit");

/** The link with TLS; the certificate was made just now, so the browser is told not to check it. */
const link = await new Promise((resolve, reject) => {
  let text = "";
  demo.stdout.on("data", (bytes) => {
    text += bytes;
    const found = /https:\/\/localhost:\d+\/enrol#\S+/.exec(text);
    if (found) resolve(found[0]);
  });
  demo.once("exit", (code) => reject(new Error(`picket demo ended with ${code}: ${text}`)));
});

const story = spawn(process.execPath, ["tests/page.mjs", ...(shots ? [shots] : [])], {
  stdio: "inherit",
  env: { ...process.env, PICKET_SIGN_IN: link },
});
const [storyCode] = await once(story, "exit");

demo.kill("SIGTERM");
const [demoCode] = await ended;
if (storyCode !== 0) process.exit(1);
if (demoCode !== 0) {
  console.error(`picket demo ended with ${demoCode}: its log does not verify`);
  process.exit(1);
}
console.log("1 passed, 0 failed");
