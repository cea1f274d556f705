// The recording: a drawn waveform of both sides, click a sentence or the picture to hear it.
const audio = document.querySelector("audio");
const canvas = document.querySelector(".waveform");
// sentences may be heard again, or be added, while the page is open
const lines = () => [...document.querySelectorAll("[data-start]")];

function seek(seconds) {
  audio.currentTime = Math.max(0, seconds);
  audio.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const line = event.target.closest("[data-start]");
  if (line) seek(Number(line.dataset.start) / 1000);
});

audio?.addEventListener("timeupdate", () => {
  const now = audio.currentTime * 1000;
  for (const line of lines()) {
    const item = line.closest(".u");
    item.classList.toggle("playing", now >= Number(line.dataset.start) && now < Number(line.dataset.end));
  }
  draw();
});

let peaks = null;

async function load() {
  const response = await fetch(audio.src);
  const data = new DataView(await response.arrayBuffer());
  const frames = Math.floor((data.byteLength - 44) / 4);
  const columns = 600;
  const step = Math.max(1, Math.floor(frames / columns));
  peaks = [[], []];
  for (let c = 0; c < columns && c * step < frames; c++) {
    const top = [0, 0];
    for (let i = c * step; i < Math.min(frames, (c + 1) * step); i += 8) {
      for (const side of [0, 1]) top[side] = Math.max(top[side], Math.abs(data.getInt16(44 + i * 4 + side * 2, true)));
    }
    peaks[0].push(top[0] / 32768);
    peaks[1].push(top[1] / 32768);
  }
  draw();
}

function draw() {
  if (!peaks || !canvas) return;
  const style = getComputedStyle(document.documentElement);
  const width = (canvas.width = canvas.clientWidth * devicePixelRatio);
  const height = (canvas.height = canvas.clientHeight * devicePixelRatio);
  const pen = canvas.getContext("2d");
  const bar = width / peaks[0].length;
  ["--caller", "--agent"].forEach((name, side) => {
    pen.fillStyle = style.getPropertyValue(name);
    const middle = height * (side ? 0.75 : 0.25);
    peaks[side].forEach((peak, i) => {
      const tall = Math.max(1, peak * height * 0.48);
      pen.fillRect(i * bar, middle - tall / 2, Math.max(1, bar * 0.7), tall);
    });
  });
  if (audio.duration) {
    pen.fillStyle = style.getPropertyValue("--bad");
    pen.fillRect((audio.currentTime / audio.duration) * width, 0, 2 * devicePixelRatio, height);
  }
}

canvas?.addEventListener("click", (event) => seek((event.offsetX / canvas.clientWidth) * audio.duration));
addEventListener("resize", draw);
if (audio) load();
