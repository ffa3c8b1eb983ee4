// Drawing and WAV writing: no state, no network.

/** A canvas ready to be drawn on, sharp on any screen. */
function prepared(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { width, height } = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** A waveform from pairs of extremes. */
export function drawWaveform(canvas, peaks) {
  const { pen, width, height } = prepared(canvas);
  const middle = height / 2;
  pen.fillStyle = color("--wave");
  for (let x = 0; x < width; x++) {
    const from = Math.floor((x * peaks.length) / width);
    const to = Math.max(from + 1, Math.floor(((x + 1) * peaks.length) / width));
    let low = 0, high = 0;
    for (const [l, h] of peaks.slice(from, to)) { low = Math.min(low, l); high = Math.max(high, h); }
    const top = middle - high * (middle - 2);
    pen.fillRect(x, top, 1, Math.max(1, (high - low) * (middle - 2)));
  }
}

/** The scores of one class along time, as steps: `windows` are {onset_s, offset_s, score}. */
export function drawScores(canvas, windows, durationS) {
  const { pen, width, height } = prepared(canvas);
  pen.fillStyle = color("--accent");
  windows.forEach((window, i) => {
    // Where windows overlap, each is drawn up to the start of the next.
    const end = i + 1 < windows.length ? windows[i + 1].onset_s : window.offset_s;
    const x = (window.onset_s / durationS) * width;
    const wide = Math.max(1, (end / durationS) * width - x);
    pen.globalAlpha = 0.25 + 0.75 * window.score;
    const high = Math.max(1, window.score * height);
    pen.fillRect(x, height - high, wide, high);
  });
  pen.globalAlpha = 1;
}

/** Mono float samples as the bytes of a 16-bit WAV. */
export function wavBlob(chunks, rateHz) {
  const count = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true); view.setUint32(28, 2 * rateHz, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, "data"); view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const chunk of chunks) {
    for (const sample of chunk) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}

/** Seconds as m:ss, with tenths for short recordings. */
export function clock(seconds, tenths = false) {
  const rounded = tenths ? Math.round(seconds * 10) / 10 : Math.round(seconds);
  const minutes = Math.floor(rounded / 60);
  const rest = (rounded - 60 * minutes).toFixed(tenths ? 1 : 0);
  return `${minutes}:${rest.padStart(tenths ? 4 : 2, "0")}`;
}
