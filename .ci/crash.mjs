#!/usr/bin/env node
// kill -9 at random moments under load: everything acknowledged is there afterwards.
//
//   .ci/crash.mjs 5                 five rounds (CI)
//   .ci/crash.mjs 50 [SEED]         the soak
//
// Each round: a node under a stream of recorded AIS as fast as it takes it, notes on an
// alert as fast as they are acknowledged, checkpoints fetched; SIGKILL at a random moment;
// then `picket verify` must pass, every acknowledged note and every signed checkpoint must be
// covered, and a replay must find that each alert follows from the log. At the end a node is
// stopped in order, and a replay must give the very views that it had.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const rounds = Number(process.argv[2] ?? 5);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const picket = process.env.PICKET ?? new URL('../target/release/picket', import.meta.url).pathname;
const recording = gunzipSync(
    readFileSync(new URL('../crates/picket-sim/recordings/amsa-2012-01-27.nmea.gz', import.meta.url)),
);
const folder = mkdtempSync(join(tmpdir(), 'picket-crash-'));
/** A log is used for so many rounds: verifying and replaying it takes longer with each. */
const ROUNDS_PER_LOG = 5;
let data = join(folder, 'data-0');
const config = join(folder, 'picket.toml');
writeFileSync(
    config,
    `[node]
site = "crash"
[doors]
people = "127.0.0.1:0"
[log]
reserve_mib = 1
[[feed]]
name = "ais"
format = "ais"
from = "tcp-listen://127.0.0.1:0"
[[feed]]
name = "teams"
format = "cot"
from = "tcp-listen://127.0.0.1:0"
`,
);

/** A small linear congruential generator, so that a failing seed can be run again. */
let state = seed;
function chance() {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
}

let running;
function fail(what) {
    running?.kill('SIGKILL');
    console.error(`FAILED with seed ${seed}: ${what}\nthe folder is kept: ${folder}`);
    process.exit(1);
}

async function start() {
    const node = spawn(picket, ['run', '--config', config, '--data', data, '--ready-json'], {
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    running = node;
    node.lines = [];
    let rest = '';
    const ready = new Promise((resolve, reject) => {
        node.stdout.on('data', (bytes) => {
            rest += bytes;
            const lines = rest.split('\n');
            rest = lines.pop();
            for (const line of lines) {
                node.lines.push(JSON.parse(line));
                if (node.lines.length === 1) resolve(node.lines[0]);
            }
        });
        node.once('exit', (code) => reject(new Error(`the node ended with ${code}`)));
    });
    node.ended = new Promise((resolve) => node.once('exit', (code) => resolve(code)));
    node.ready = await ready.catch((error) => fail(error.message));
    return node;
}

/** One request to the people door; its certificate is new at each start, so it is not checked. */
function ask(session, method, path, body) {
    const [, port] = session.address.split(':');
    return new Promise((resolve, reject) => {
        const call = request(
            {
                host: '127.0.0.1',
                port,
                path,
                method,
                rejectUnauthorized: false,
                headers: {
                    host: `localhost:${port}`,
                    origin: `https://localhost:${port}`,
                    'content-type': 'application/json',
                    ...(session.cookie ? { cookie: session.cookie } : {}),
                    ...(session.csrf ? { 'x-picket-csrf': session.csrf } : {}),
                },
            },
            (answer) => {
                let text = '';
                answer.on('data', (bytes) => (text += bytes));
                answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
                answer.on('error', reject);
            },
        );
        call.on('error', reject);
        call.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

async function signIn(node) {
    const session = { address: node.ready.doors.people };
    const token = node.ready.sign_in.split('#')[1];
    const redeemed = await ask(session, 'POST', '/api/v1/enrol/redeem', { token });
    if (redeemed.status !== 200) fail(`cannot sign in: ${redeemed.text}`);
    session.cookie = redeemed.headers['set-cookie'][0].split(';')[0];
    session.csrf = JSON.parse((await ask(session, 'GET', '/api/v1/bootstrap')).text).csrf;
    return session;
}

/** Writes the recording over and over, as fast as the node reads it. */
function pour(node) {
    const port = Number(node.ready.feeds.ais.split(':')[1]);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    const more = () => {
        while (!socket.destroyed && socket.write(recording));
    };
    socket.on('drain', more);
    socket.on('connect', more);
    return socket;
}

/** A team calls for help, so that there is an alert to write notes on. */
function callForHelp(node, round) {
    const now = new Date();
    const iso = (after_ms) => new Date(now.getTime() + after_ms).toISOString();
    const port = Number(node.ready.feeds.teams.split(':')[1]);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.end(
        `<event version="2.0" uid="team-${round}-9-1-1" type="b-a-o-tbl" how="m-g" time="${iso(0)}" start="${iso(0)}" ` +
            `stale="${iso(60000)}"><point lat="-23.9" lon="151.3" hae="0" ce="5" le="5"/><detail>` +
            `<contact callsign="Team ${round}"/><emergency type="911 Alert">Team ${round}</emergency></detail></event>`,
    );
}

function offline(...args) {
    const run = spawnSync(picket, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (run.status !== 0) fail(`picket ${args.join(' ')} ended with ${run.status}: ${run.stderr}${run.stdout}`);
    return JSON.parse(run.stdout);
}

/** What the node promised: notes with their place, and sizes of signed checkpoints. */
const promised = { notes: [], size: 0 };

async function load(session) {
    for (let number = 0; ; number += 1) {
        const { text } = await ask(session, 'GET', '/api/v1/alerts');
        const alert = JSON.parse(text).alerts?.[0];
        if (alert) {
            const note = `note ${promised.notes.length} of seed ${seed}`;
            const answer = await ask(session, 'POST', `/api/v1/alerts/${alert.id}/note`, { text: note });
            if (answer.status === 200) {
                const { audit_seq: seq, audit_hash: hash } = JSON.parse(answer.text);
                promised.notes.push({ alert: alert.id, seq, hash, note });
            }
        }
        const checkpoint = await ask(session, 'GET', '/api/v1/audit/checkpoint');
        if (checkpoint.status === 200) {
            promised.size = Math.max(promised.size, Number(checkpoint.text.split('\n')[1]));
        }
    }
}

function check() {
    const verified = offline('verify', data, '--json');
    const last = promised.notes.at(-1)?.seq ?? -1;
    if (verified.verified !== true) fail('the log does not verify');
    if (verified.entries <= last) fail(`note at ${last} was acknowledged, the log has ${verified.entries}`);
    if (verified.entries < promised.size) fail(`a checkpoint of ${promised.size} was signed, the log has ${verified.entries}`);
    const replayed = offline('replay', '--data', data, '--digest', '--json');
    if (replayed.differences !== 0) fail(`${replayed.differences} alerts do not follow from the log`);
    return { verified, replayed };
}

async function checkNotes(session) {
    for (const { seq, hash, note } of promised.notes.slice(-20)) {
        const { text } = await ask(session, 'GET', `/api/v1/audit/entries?from_seq=${seq}&limit=1`);
        const entry = JSON.parse(text).entries[0];
        if (entry?.seq !== seq || entry?.id !== hash) fail(`the entry of "${note}" is not at ${seq}: ${text}`);
    }
}

let notes = 0;
for (let round = 1; round <= rounds; round += 1) {
    if (round % ROUNDS_PER_LOG === 1 && round > 1) {
        rmSync(data, { recursive: true });
        data = join(folder, `data-${round}`);
        notes += promised.notes.length;
        Object.assign(promised, { notes: [], size: 0 });
    }
    const node = await start();
    const session = await signIn(node);
    await checkNotes(session);
    callForHelp(node, round);
    const socket = pour(node);
    const busy = load(session).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 500 + chance() * 2500));
    node.kill('SIGKILL');
    await node.ended;
    await busy;
    socket.destroy();
    const { verified, replayed } = check();
    console.log(
        `round ${round}: ${verified.entries} entries, ${promised.notes.length} notes acknowledged, ` +
            `${replayed.confirmed} alerts confirmed, ${replayed.unsaid} not yet said`,
    );
}
if (notes + promised.notes.length === 0) fail('no note was ever acknowledged: the load did not work');

const node = await start();
const socket = pour(node);
await new Promise((resolve) => setTimeout(resolve, 1500));
node.kill('SIGTERM');
const code = await node.ended;
socket.destroy();
if (code !== 0) fail(`SIGTERM ended the node with ${code}`);
const stopped = node.lines.at(-1);
const { replayed } = check();
if (replayed.digest !== stopped.digest) fail(`views at the end ${stopped.digest}, by replay ${replayed.digest}`);
rmSync(folder, { recursive: true });
console.log(`${rounds} passed, 0 failed`);
