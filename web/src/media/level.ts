/** How loud a track is, about ten times a second. */

const everyMillis = 100;
/** Below this many decibels of full scale it counts as silence. */
const floorDecibels = -60;

/** Loudness 0…1 of samples in −1…1: linear in decibels, 0 at the floor and below. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return loudnessOf(Math.sqrt(sum / Math.max(1, samples.length)));
}

/** The same of an amplitude, 0…1 of full scale. */
export function loudnessOf(amplitude: number): number {
  const decibels = 20 * Math.log10(amplitude);
  // Speech seldom passes −10 dB: that is a full meter.
  return Math.min(1, Math.max(0, (decibels - floorDecibels) / (-10 - floorDecibels)));
}

/** Reports a track's loudness until the function that it returns is called. */
export function meter(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = new AudioContext({ latencyHint: "playback" });
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  const source = new MediaStreamAudioSourceNode(context, {
    mediaStream: new MediaStream([track]),
  });
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state === "suspended") {
      // Before the first gesture some browsers hold sound back; asking again is harmless.
      context.resume().catch(() => undefined);
    }
    analyser.getFloatTimeDomainData(samples);
    report(track.enabled ? loudness(samples) : 0);
  }, everyMillis);
  return () => {
    clearInterval(timer);
    source.disconnect();
    context.close().catch(() => undefined);
  };
}
