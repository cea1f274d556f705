// Collects the microphone's samples and hands them over in pieces.
class Recorder extends AudioWorkletProcessor {
  constructor(options) {
    super();
    this.piece = new Float32Array(options.processorOptions.size);
    this.filled = 0;
  }

  process([input]) {
    const samples = input[0] ?? [];
    for (const value of samples) {
      this.piece[this.filled++] = value;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("recorder", Recorder);
