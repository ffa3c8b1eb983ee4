import { clock, drawScores, drawWaveform, wavBlob } from "./wave.js";

const MAX_ROWS = 12;
const MAX_RECORDING_S = 300;
const $ = (id) => document.getElementById(id);

/** Everything that was given: {name, blob, sent, preview, scores, problem, verdict, url, button}. */
const recordings = [];
let shown = null;
let models = [];
let nextLook;
let wishedMode = "balanced";
let token = "";
let playUntil = Infinity;

// ---- The service -------------------------------------------------------------------------------------------------

class Refusal extends Error {
  constructor(status, code, message) { super(message); this.status = status; this.code = code; }
}

async function ask(path, options = {}) {
  const headers = { ...(options.headers ?? {}) };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new Refusal(0, "unreachable", "The service cannot be reached.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  if (response.status === 401) {
    $("token-form").hidden = false;
    $("token").focus();
    throw new Refusal(401, "unauthorized", token ? "The service does not take this token." : "The service asks for a token.");
  }
  throw new Refusal(response.status, problem?.error?.code ?? "unknown", problem?.error?.message ?? `The service answered ${response.status}.`);
}

/** A recording sent to a path; once more after a while when the service is full. */
async function send(path, blob, query = {}) {
  const model = $("model").value;
  const parameters = new URLSearchParams({ ...query, ...(model ? { model } : {}) });
  const options = { method: "POST", body: blob, headers: { "Content-Type": "application/octet-stream" } };
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(`${path}?${parameters}`, options);
    } catch (problem) {
      if (problem.status !== 429 || attempt === 3) throw problem;
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}

/** Shows in a tab of its own what only those with the token are given, which a link cannot carry. */
async function openWithToken(path) {
  // Opened while it is plain that a person clicked; browsers let no page open tabs later.
  const tab = window.open("", "_blank");
  try {
    const text = await (await ask(path)).text();
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    if (tab) tab.location = url; else say("The browser lets no tab be opened.", true);
  } catch (problem) {
    tab?.close();
    say(problem.message, true);
  }
}

/** Asks which models there are, again and again until there is one, and hears what could not be heard before. */
async function loadModels() {
  clearTimeout(nextLook);
  try {
    // Asked before the list, which holds the model then once none is loading any more.
    const isLoading = await ask("health/ready").then(() => false, (problem) => problem.code === "not_ready");
    models = (await (await ask("v1/models")).json()).models;
    const kept = $("model").value;
    $("model").replaceChildren(...models.map((m) => new Option(m.name, m.name)));
    if (models.some((m) => m.name === kept)) $("model").value = kept;
    $("model").title = modelNow()?.description ?? "";
    if (models.length === 0) {
      say(isLoading ? "The model is loading." : "The service has no model yet.");
      nextLook = setTimeout(loadModels, 1000);
      return;
    }
    say(shown?.problem ?? "", Boolean(shown?.problem));
    await hearAgain(recordings.filter((recording) => recording.problem));
  } catch (problem) {
    say(problem.message, true);
  }
}

const modelNow = () => models.find((m) => m.name === $("model").value);

function say(text, isError = false) {
  const message = $("message");
  // What is said already is not said again: it would be read out anew.
  if (message.textContent !== text) message.textContent = text;
  message.hidden = !text;
  message.classList.toggle("error", isError);
}

// ---- Recordings --------------------------------------------------------------------------------------------------

async function take(files) {
  const added = [...files].map((file) => ({ name: file.name, blob: file, sent: file }));
  if (added.length === 0) return;
  recordings.push(...added);
  show(added[0]);
  for (const recording of added) await hear(recording);
}

/** Asks for the picture and the scores of a recording, and shows each as it comes. */
async function hear(recording) {
  if (recording === shown) say("Listening…");
  recording.problem = null;
  const asked = $("model").value;
  const previewed = async () => {
    const preview = await (await send("v1/preview", recording.sent)).json();
    if (asked === $("model").value) { recording.preview = preview; refresh(recording); }
  };
  const scored = async () => {
    const scores = (await (await send("v1/classify", recording.sent, { timeline: true, events: true })).json()).files[0];
    if (asked === $("model").value) { recording.scores = scores; refresh(recording); }
  };
  try {
    try {
      await Promise.all([previewed(), scored()]);
    } catch (problem) {
      // What the service cannot read the browser may: Opus and WebM, above all.
      if (problem.code !== "unsupported_audio" || recording.sent !== recording.blob) throw problem;
      recording.sent = await decodedHere(recording.blob).catch(() => { throw problem; });
      await Promise.all([previewed(), scored()]);
    }
    if (recording === shown) {
      say("");
      if ($("player").error) play(recording);
    }
  } catch (problem) {
    // The service knows the name of no single recording.
    recording.problem = problem.message.replace(/^body: /, `${recording.name}: `);
    recording.verdict = problem.status === 422 ? "not readable" : "not heard";
    if (recording === shown) { say(recording.problem, true); refresh(recording); }
  }
  list();
}

/** Hears recordings once more, the one that is shown first. */
async function hearAgain(some) {
  for (const recording of [...some].sort((a, b) => (b === shown) - (a === shown))) await hear(recording);
}

async function decodedHere(blob) {
  const context = new OfflineAudioContext(1, 1, 32000);
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  const mono = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) {
    sound.getChannelData(c).forEach((sample, i) => { mono[i] += sample / sound.numberOfChannels; });
  }
  return wavBlob([mono], sound.sampleRate);
}

/** Brings the list up to date; buttons stay the same ones, so that none loses the focus. */
function list() {
  $("recordings").hidden = recordings.length < 2;
  for (const recording of recordings) {
    recording.button ??= listed(recording);
    const best = recording.problem ? recording.verdict : recording.scores?.classes[0]?.label.replaceAll("_", " ") ?? "…";
    recording.button.lastChild.textContent = best;
    recording.button.title = `${recording.name}: ${best}`;
    recording.button.setAttribute("aria-current", recording === shown);
  }
}

/** A new button at the end of the list: the name, which may be cut short, and what is heard. */
function listed(recording) {
  const button = document.createElement("button");
  button.type = "button";
  const name = document.createElement("span");
  name.className = "file";
  name.textContent = `${recording.name}:`;
  button.append(name, " ", document.createElement("span"));
  button.addEventListener("click", () => show(recording));
  const item = document.createElement("li");
  item.append(button);
  $("recordings").append(item);
  return button;
}

/** Scrolls a box until a button in it is seen, and nothing but the box. */
function reveal(button, box) {
  const [top, bottom] = [button.offsetTop, button.offsetTop + button.offsetHeight];
  if (top < box.scrollTop) box.scrollTop = top;
  if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

// ---- What is shown -----------------------------------------------------------------------------------------------

function show(recording) {
  shown = recording;
  list();
  reveal(recording.button, $("recordings"));
  $("result").hidden = false;
  $("name").textContent = recording.name;
  say(recording.problem ?? "", Boolean(recording.problem));
  play(recording);
  refresh(recording);
  $("name").focus({ preventScroll: true });
}

/** Gives the player the recording, or a WAV of it where the browser cannot play it as it is. */
function play(recording) {
  const player = $("player");
  playUntil = Infinity;
  recording.url ??= URL.createObjectURL(recording.blob);
  player.onerror = async () => {
    if (recording.converted || shown !== recording) return;
    recording.converted = true;
    try {
      const wav = await (await send("v1/wav", recording.sent)).blob();
      recording.url = URL.createObjectURL(wav);
      if (shown === recording) player.src = recording.url;
    } catch {
      // What cannot be read cannot be played; why is said already.
      recording.converted = false;
    }
  };
  player.src = recording.url;
}

function refresh(recording) {
  if (recording !== shown) return list();
  const { preview, scores } = recording;
  $("heard").hidden = Boolean(recording.problem) && !preview;
  const facts = [];
  if (preview) {
    facts.push(`${preview.duration_s.toFixed(1)} s`, `${preview.container}, ${preview.codec}`, `${(preview.rate_hz / 1000).toLocaleString("en")} kHz`,
      preview.channels === 1 ? "mono" : preview.channels === 2 ? "stereo" : `${preview.channels} channels`);
    if (preview.repairs) facts.push(preview.repairs);
    drawWaveform($("waveform"), preview.peaks);
    $("log-mel").src = `data:image/png;base64,${preview.log_mel.png}`;
    $("band").textContent = `${Math.round(preview.log_mel.low_hz)} to ${Math.round(preview.log_mel.high_hz)} Hz`;
    ticks(preview.duration_s);
  } else {
    drawWaveform($("waveform"), []);
    $("log-mel").removeAttribute("src");
  }
  $("log-mel").style.visibility = preview ? "visible" : "hidden";
  $("facts").textContent = facts.join(" · ");
  rows(scores);
  events(scores);
  list();
}

function ticks(durationS) {
  const tenths = durationS < 20;
  $("ticks").replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((part) => {
    const tick = document.createElement("span");
    tick.textContent = clock(part * durationS, tenths);
    return tick;
  }));
}

const scoreOf = (window, label) => window.classes.find((c) => c.label === label)?.score ?? 0;

/** A row a class: name, mean score, and the scores along time. */
function rows(scores) {
  const box = $("scores");
  box.replaceChildren();
  if (!scores) return;
  for (const { label, score } of scores.classes.slice(0, MAX_ROWS)) {
    const name = document.createElement("span");
    name.className = "row-name";
    const mean = document.createElement("b");
    mean.textContent = score.toFixed(3);
    name.append(label.replaceAll("_", " "), mean);
    const track = document.createElement("div");
    track.className = "track";
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    const windows = scores.windows.map((w) => ({ onset_s: w.onset_s, offset_s: w.offset_s, score: scoreOf(w, label) }));
    const top = windows.reduce((best, w) => (w.score > best.score ? w : best), windows[0] ?? { score: 0, onset_s: 0 });
    canvas.setAttribute("aria-label", `${label}: highest ${top.score.toFixed(2)} at ${clock(top.onset_s, true)}`);
    track.append(canvas);
    box.append(name, track);
    drawScores(canvas, windows, scores.duration_s);
  }
}

/** Windows in which a class reaches the threshold; those that touch or overlap are one event. */
function found(scores, threshold) {
  const rest = modelNow()?.rest;
  const all = [];
  for (const { label } of scores.classes) {
    if (label === rest) continue;
    let open = null;
    for (const window of scores.windows) {
      const score = scoreOf(window, label);
      if (score < threshold) continue;
      if (open && window.onset_s <= open.offset_s + 0.001) {
        open.offset_s = Math.max(open.offset_s, window.offset_s);
        open.score = Math.max(open.score, score);
      } else {
        open = { label, onset_s: window.onset_s, offset_s: window.offset_s, score };
        all.push(open);
      }
    }
  }
  return all.sort((a, b) => a.onset_s - b.onset_s || b.score - a.score);
}

/** The mode that is wished for, or one score for all classes of a model without thresholds of its own. */
function modeFor(scores) {
  const hasModes = Object.keys(scores.events).length > 0;
  for (const option of $("mode").options) option.disabled = !hasModes && option.value !== "score";
  return hasModes ? wishedMode : "score";
}

function events(scores) {
  const threshold = Number($("threshold").value);
  $("threshold-value").textContent = threshold.toFixed(2);
  const list = $("events");
  list.replaceChildren();
  if (!scores) return;
  const mode = modeFor(scores);
  $("mode").value = mode;
  $("threshold-field").hidden = mode !== "score";
  const all = scores.events[mode] ?? found(scores, threshold);
  if (all.length === 0) {
    const none = document.createElement("li");
    none.className = "quiet";
    none.textContent = mode === "score" ? "Nothing scores so high." : "Nothing is heard in this mode.";
    list.append(none);
  }
  for (const event of all) {
    const button = document.createElement("button");
    button.type = "button";
    const when = `${clock(event.onset_s, true)} to ${clock(event.offset_s, true)}`;
    for (const [kind, text] of [["sign", "▶"], ["what", event.label.replaceAll("_", " ")], ["when", when], ["score", event.score.toFixed(2)]]) {
      const part = document.createElement("span");
      part.className = kind;
      part.textContent = text;
      button.append(part);
    }
    button.setAttribute("aria-label", `Play ${event.label}, ${when}, score ${event.score.toFixed(2)}`);
    button.addEventListener("click", () => playFrom(event.onset_s, event.offset_s));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
}

// ---- Playing -----------------------------------------------------------------------------------------------------

function playFrom(onsetS, offsetS) {
  const player = $("player");
  player.currentTime = onsetS;
  playUntil = offsetS;
  player.play().catch(() => say("The browser cannot play this recording.", true));
}

$("player").addEventListener("timeupdate", () => {
  const player = $("player");
  if (player.currentTime >= playUntil) { player.pause(); playUntil = Infinity; }
  const part = player.duration > 0 ? player.currentTime / player.duration : 0;
  document.documentElement.style.setProperty("--now", part);
});

$("result").addEventListener("click", (event) => {
  const track = event.target.closest(".track");
  const player = $("player");
  if (!track || !(player.duration > 0)) return;
  const { left, width } = track.getBoundingClientRect();
  playUntil = Infinity;
  player.currentTime = ((event.clientX - left) / width) * player.duration;
});

// ---- The microphone ----------------------------------------------------------------------------------------------

let recorder = null;
let isStarting = false;

/** Turns the microphone on, once all is there that listens to it; where something fails it is off again. */
async function startRecording() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new Error("The browser lets a page record only over https, or on this very machine (localhost).");
  }
  const context = new AudioContext();
  let stream;
  try {
    await context.audioWorklet.addModule(new URL("recorder.js", document.baseURI)).catch(() => {
      throw new Error("The recorder cannot be loaded.");
    });
    const node = new AudioWorkletNode(context, "recorder");
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    stream = await navigator.mediaDevices.getUserMedia({ audio }).catch((problem) => {
      throw new Error(problem.name === "NotFoundError" ? "There is no microphone." : "The microphone may not be used.");
    });
    listenTo(stream, context, node);
  } catch (problem) {
    turnOff(stream, context);
    throw problem;
  }
}

function listenTo(stream, context, node) {
  const chunks = [];
  let samples = 0;
  node.port.onmessage = ({ data }) => {
    chunks.push(data);
    samples += data.length;
    $("level").value = Math.min(1, 2 * data.reduce((most, s) => Math.max(most, Math.abs(s)), 0));
    $("elapsed").textContent = clock(samples / context.sampleRate);
    if (samples > MAX_RECORDING_S * context.sampleRate) stopRecording();
  };
  context.createMediaStreamSource(stream).connect(node);
  // A microphone that is pulled out ends by itself.
  for (const track of stream.getTracks()) track.addEventListener("ended", stopRecording);
  recorder = { stream, context, node, chunks };
  $("level").value = 0;
  $("elapsed").textContent = clock(0);
  $("recording").hidden = false;
  $("record").textContent = "Stop";
  $("record").setAttribute("aria-pressed", "true");
}

function turnOff(stream, context) {
  stream?.getTracks().forEach((track) => track.stop());
  context.close();
}

function stopRecording() {
  if (!recorder) return;
  const { stream, context, node, chunks } = recorder;
  recorder = null;
  node.port.onmessage = null;
  const rateHz = context.sampleRate;
  turnOff(stream, context);
  $("recording").hidden = true;
  $("record").textContent = "Record";
  $("record").setAttribute("aria-pressed", "false");
  if (chunks.length === 0) return say("The microphone gave no sound.", true);
  const number = recordings.filter((r) => r.name.startsWith("Recording")).length + 1;
  take([new File([wavBlob(chunks, rateHz)], `Recording ${number}.wav`, { type: "audio/wav" })]);
}

// ---- What a person does ------------------------------------------------------------------------------------------

$("choose").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", () => { take($("file").files); $("file").value = ""; });
$("record").addEventListener("click", async (event) => {
  // While the browser asks for the microphone there is nothing to stop, and a double click is one click.
  if (isStarting || event.detail > 1) return;
  if (recorder) return stopRecording();
  say("");
  isStarting = true;
  await startRecording().catch((problem) => say(problem.message, true));
  isStarting = false;
});
$("model").addEventListener("change", async () => {
  $("model").title = modelNow()?.description ?? "";
  for (const recording of recordings) { recording.scores = null; }
  if (shown) refresh(shown);
  await hearAgain(recordings);
});
$("mode").addEventListener("change", () => { wishedMode = $("mode").value; if (shown) events(shown.scores); });
$("threshold").addEventListener("input", () => { if (shown) events(shown.scores); });
$("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  $("token-form").hidden = true;
  loadModels();
});
for (const link of document.querySelectorAll("footer a")) {
  link.addEventListener("click", (event) => {
    if (!token && $("token-form").hidden) return;
    event.preventDefault();
    if (token) openWithToken(link.getAttribute("href")); else $("token").focus();
  });
}
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  window.addEventListener(kind, (event) => {
    event.preventDefault();
    $("input").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop") take(event.dataTransfer?.files ?? []);
  });
}
let resizing;
window.addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { if (shown) refresh(shown); }, 100);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (shown) refresh(shown); });

loadModels();
