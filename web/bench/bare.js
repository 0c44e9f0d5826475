/** One camera and microphone to one peer, with signaling by server-sent events: the least that shows a face. */
const end = new URLSearchParams(location.search).get("end");
const stream = await navigator.mediaDevices.getUserMedia({
  video: { width: 1280, height: 720 },
  audio: true,
});
document.querySelector("#own").srcObject = stream;

function connect() {
  const peer = new RTCPeerConnection();
  const send = (message) =>
    fetch(`/send?end=${end}`, { method: "POST", body: JSON.stringify(message) });
  for (const track of stream.getTracks()) peer.addTrack(track, stream);
  peer.ontrack = (event) => {
    document.querySelector("#other").srcObject = event.streams[0];
  };
  peer.onicecandidate = (event) => {
    if (event.candidate) send({ candidate: event.candidate });
  };
  const early = [];
  const events = new EventSource(`/events?end=${end}`);
  events.onmessage = async ({ data }) => {
    const { description, candidate } = JSON.parse(data);
    if (candidate) {
      if (peer.remoteDescription) await peer.addIceCandidate(candidate);
      else early.push(candidate);
    }
    if (!description) return;
    await peer.setRemoteDescription(description);
    for (const known of early.splice(0)) await peer.addIceCandidate(known);
    if (description.type === "offer") {
      await peer.setLocalDescription();
      send({ description: peer.localDescription });
    }
  };
  return {
    peer,
    send,
    ready: new Promise((resolve) => events.addEventListener("message", resolve, { once: true })),
  };
}

if (end === "a") {
  connect();
} else {
  document.querySelector("button").addEventListener("click", async () => {
    const { peer, send, ready } = connect();
    await ready;
    await peer.setLocalDescription();
    send({ description: peer.localDescription });
  });
}
