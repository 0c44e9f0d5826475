/** The least that a worker can do with an encoded frame: it passes it on as it is. */
self.onrtctransform = ({ transformer: { readable, writable } }) => {
  const transform = (frame, out) => out.enqueue(frame);
  readable
    .pipeThrough(new TransformStream({ transform }))
    .pipeTo(writable)
    .catch(() => undefined);
};
