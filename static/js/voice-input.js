// <voice-input action target form>: speak, stop, and the answer of the server is shown in the target.
// The microphone's samples are sent as one WAV file; the server brings them to the line's rate.
const BUFFER = 4096;

function wav(chunks, rate) {
  const samples = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const view = new DataView(new ArrayBuffer(44 + samples * 2));
  const text = (at, word) => [...word].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + samples * 2, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, "data"); view.setUint32(40, samples * 2, true);
  let at = 44;
  for (const chunk of chunks) {
    for (const value of chunk) {
      view.setInt16(at, Math.max(-1, Math.min(1, value)) * 32767, true);
      at += 2;
    }
  }
  return new Blob([view], { type: "audio/wav" });
}

class VoiceInput extends HTMLElement {
  connectedCallback() {
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "btn";
    this.button.textContent = this.dataset.speak;
    this.button.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    this.append(this.button);
    document.querySelector("[data-voice-file]")?.addEventListener("change", (event) => {
      const [file] = event.target.files;
      if (file) this.send(file);
      event.target.value = "";
    });
  }

  async start() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    } catch {
      this.say(this.dataset.denied);
      return;
    }
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/static/js/recorder-worklet.js");
    this.chunks = [];
    const recorder = new AudioWorkletNode(this.context, "recorder", { processorOptions: { size: BUFFER } });
    recorder.port.onmessage = (event) => this.chunks.push(event.data);
    this.context.createMediaStreamSource(this.stream).connect(recorder);
    this.button.textContent = this.dataset.stop;
    this.button.classList.add("bad");
  }

  async stop() {
    for (const track of this.stream.getTracks()) track.stop();
    const rate = this.context.sampleRate;
    await this.context.close();
    this.stream = null;
    this.button.textContent = this.dataset.speak;
    this.button.classList.remove("bad");
    await this.send(wav(this.chunks, rate));
  }

  async send(audio) {
    const body = new FormData(document.getElementById(this.getAttribute("form")));
    body.set("audio", audio, "speech.wav");
    const answer = await fetch(this.getAttribute("action"), { method: "POST", body, headers: { "HX-Request": "true" } });
    const target = document.getElementById(this.getAttribute("target"));
    target.innerHTML = await answer.text();
    window.htmx?.process(target);
  }

  say(text) {
    const note = document.createElement("p");
    note.className = "notice bad";
    note.textContent = text;
    document.getElementById(this.getAttribute("target")).replaceChildren(note);
  }
}

customElements.define("voice-input", VoiceInput);
