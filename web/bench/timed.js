/**
 * Runs in a worker before what makes the transforms: times each frame in each
 * TransformStream, from when it comes until it is passed on. Gives the times in
 * milliseconds, by the transform's side and the frame's kind, whenever anything
 * is said on the channel, and begins anew.
 */
let times = {};
let side = "";
addEventListener("rtctransform", ({ transformer }) => {
  side = transformer.options.side; // of the stream that is made next
});

self.TransformStream = class extends TransformStream {
  constructor({ transform, ...rest }, ...strategies) {
    const own = side;
    const timed = async (frame, out) => {
      const came = performance.now();
      await transform(frame, out);
      const took = performance.now() - came;
      const what = `${own} ${"type" in frame ? "video" : "audio"}`;
      times[what] ??= [];
      times[what].push(took);
    };
    super({ ...rest, transform: timed }, ...strategies);
  }
};

const channel = new BroadcastChannel("times");
channel.onmessage = () => {
  channel.postMessage(times);
  times = {};
};
