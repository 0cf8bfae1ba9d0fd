// The camera's newest frame goes to the service, small; its soft mask comes back, and the picture
// is put together here. At most two frames are on their way: one in work, one behind it.
"use strict";

const MOST_ON_THE_WAY = 2;
const QUALITY = 0.8;
const REMEMBERED = 60;
const GIVEN_UP_MS = 3000;

const byId = (id) => document.getElementById(id);
const view = byId("view");
const camera = byId("camera");
const layer = (width, height) => Object.assign(document.createElement("canvas"), { width, height });
const pen = (canvas, options) => canvas.getContext("2d", options);

const small = layer(256, 192);
const mask = layer(256, 192);
const person = layer(640, 480);
const soft = layer(160, 120);

const state = {
  socket: null,
  stream: null,
  number: 0,
  waiting: new Map(), // number -> { frame, since }
  levels: null,       // the mask before, for steady edges
  backdrop: null,
  times: [],
  latencies: [],
  late: 0,
};

function notice(text, bad = false) {
  byId("notice").textContent = text;
  byId("notice").classList.toggle("bad", bad);
}

async function listModels() {
  const answer = await fetch("/v1/models");
  if (!answer.ok) return;
  for (const row of await answer.json()) {
    if (row.task === "foreground" && row.ready) {
      byId("model").append(new Option(`${row.name} (${row.runtime})`, row.name));
    }
  }
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const model = encodeURIComponent(byId("model").value);
  const socket = new WebSocket(`${scheme}://${location.host}/live/frames?model=${model}`);
  socket.binaryType = "arraybuffer";
  socket.onmessage = (event) => {
    if (typeof event.data === "string") notice(JSON.parse(event.data).message, true);
    else show(event.data);
  };
  socket.onclose = (event) => {
    if (state.socket !== socket) return;
    state.socket = null;
    if (event.code !== 1008) notice(event.reason || "The service closed the connection.", true);
    stop();
  };
  forget();
  state.socket = socket;
}

function forget() {
  for (const { frame } of state.waiting.values()) frame.close();
  state.waiting.clear();
  state.levels = null;
}

async function start() {
  try {
    state.stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } },
    });
  } catch (error) {
    notice(`The camera cannot be used: ${error.message}`, true);
    return;
  }
  camera.srcObject = state.stream;
  await camera.play();
  size();
  connect();
  byId("start").textContent = "Stop";
  notice("");
  camera.requestVideoFrameCallback(tick);
}

function stop() {
  state.stream?.getTracks().forEach((track) => track.stop());
  state.stream = null;
  const socket = state.socket;
  state.socket = null;
  socket?.close();
  forget();
  byId("start").textContent = "Start";
}

function size() {
  const { videoWidth: width, videoHeight: height } = camera;
  for (const canvas of [view, person]) Object.assign(canvas, { width, height });
  Object.assign(soft, { width: Math.ceil(width / 4), height: Math.ceil(height / 4) });
  const side = Math.min(Number(byId("side").value), width);
  const scale = side / Math.max(width, height);
  Object.assign(small, { width: Math.round(width * scale), height: Math.round(height * scale) });
}

function tick(now) {
  if (!state.stream) return;
  camera.requestVideoFrameCallback(tick);
  for (const [number, { since }] of state.waiting) {
    if (now - since > GIVEN_UP_MS) drop(number);
  }
  if (state.socket?.readyState !== WebSocket.OPEN) return;
  if (state.waiting.size >= MOST_ON_THE_WAY) {
    state.late += 1;
    return;
  }
  send(now);
}

function drop(number) {
  state.waiting.get(number)?.frame.close();
  state.waiting.delete(number);
}

async function send(since) {
  const number = (state.number = (state.number + 1) >>> 0);
  state.waiting.set(number, { frame: { close() {} }, since });
  pen(small).drawImage(camera, 0, 0, small.width, small.height);
  const encoded = new Promise((done) => small.toBlob(done, "image/jpeg", QUALITY));
  const frame = await createImageBitmap(camera);
  if (!state.waiting.has(number)) return frame.close();
  state.waiting.get(number).frame = frame;
  const blob = await encoded;
  if (!state.waiting.has(number) || state.socket?.readyState !== WebSocket.OPEN) return;
  state.socket.send(new Blob([new Uint32Array([number]), blob]));
}

function show(data) {
  const head = new DataView(data);
  const [number, width, height] = [head.getUint32(0, true), head.getUint16(4, true), head.getUint16(6, true)];
  const answered = state.waiting.get(number);
  if (answered && width) {
    paintMask(new Uint8Array(data, 8), width, height);
    blend(answered.frame);
    count(answered.since);
  } else if (answered) {
    state.late += 1;
  }
  for (const other of [...state.waiting.keys()]) if (other <= number) drop(other);
}

function paintMask(levels, width, height) {
  const before = state.levels;
  if (byId("steady").checked && before?.length === levels.length) {
    for (let i = 0; i < levels.length; i += 1) levels[i] = (levels[i] * 5 + before[i] * 3) >> 3;
  }
  state.levels = levels;
  if (mask.width !== width || mask.height !== height) Object.assign(mask, { width, height });
  const picture = new ImageData(width, height);
  const words = new Uint32Array(picture.data.buffer);
  for (let i = 0; i < levels.length; i += 1) words[i] = levels[i] << 24;
  pen(mask).putImageData(picture, 0, 0);
}

function blend(frame) {
  const chosen = document.querySelector("[name=background]:checked").value;
  const out = pen(view);
  const { width, height } = view;
  if (chosen === "original") {
    out.drawImage(frame, 0, 0, width, height);
    return;
  }
  const cut = pen(person);
  cut.globalCompositeOperation = "copy";
  cut.drawImage(frame, 0, 0, width, height);
  cut.globalCompositeOperation = "destination-in";
  cut.drawImage(mask, 0, 0, width, height);
  out.clearRect(0, 0, width, height);
  BACKGROUNDS[chosen](out, frame, width, height);
  out.drawImage(person, 0, 0);
}

const BACKGROUNDS = {
  none() {},
  colour(out, _, width, height) {
    out.fillStyle = byId("colour").value;
    out.fillRect(0, 0, width, height);
  },
  blur(out, frame, width, height) {
    const quarter = pen(soft);
    quarter.filter = `blur(${Number(byId("blur").value) / 4}px)`;
    quarter.drawImage(frame, 0, 0, soft.width, soft.height);
    out.drawImage(soft, 0, 0, width, height);
  },
  picture(out, frame, width, height) {
    const back = state.backdrop;
    if (!back) return BACKGROUNDS.blur(out, frame, width, height);
    const scale = Math.max(width / back.width, height / back.height);
    const [wide, high] = [back.width * scale, back.height * scale];
    out.drawImage(back, (width - wide) / 2, (height - high) / 2, wide, high);
  },
};

function count(since) {
  const now = performance.now();
  state.times.push(now);
  state.latencies.push(now - since);
  if (state.times.length > REMEMBERED) state.times.shift();
  if (state.latencies.length > REMEMBERED) state.latencies.shift();
}

function figures() {
  const { times, latencies } = state;
  if (!state.stream || times.length < 2) return;
  const rate = (1000 * (times.length - 1)) / (performance.now() - times[0]);
  const middle = [...latencies].sort((a, b) => a - b)[latencies.length >> 1];
  byId("rate").textContent = rate.toFixed(1);
  byId("latency").textContent = middle.toFixed(0);
  byId("late").textContent = state.late;
}

byId("start").addEventListener("click", () => (state.stream ? stop() : start()));
byId("model").addEventListener("change", () => {
  if (!state.stream) return;
  const old = state.socket;
  connect();
  old?.close();
});
byId("side").addEventListener("change", () => state.stream && size());
byId("mirror").addEventListener("change", (event) => {
  view.classList.toggle("mirrored", event.target.checked);
});
byId("picture").addEventListener("change", async (event) => {
  const file = event.target.files[0];
  try {
    state.backdrop = file ? await createImageBitmap(file) : null;
  } catch {
    notice("That file is no picture this browser can read.", true);
  }
});
for (const choice of document.querySelectorAll("[name=background]")) {
  choice.addEventListener("change", () => {
    for (const name of ["blur", "colour", "picture"]) {
      document.querySelector(`.for-${name}`).hidden = name !== choice.value;
    }
  });
}
view.classList.add("mirrored");
setInterval(figures, 500);
listModels();
