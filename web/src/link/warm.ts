/** Making what every link needs of the browser before the first one is wanted. */

let warmed = false;

/**
 * The first RTCPeerConnection of a page costs tens of milliseconds, because the
 * browser starts its threads for it: better while somebody still reads the
 * invitation than between the click and the first picture.
 */
export function warmUp(): void {
  if (!warmed && typeof RTCPeerConnection === "function") {
    warmed = true;
    const connection = new RTCPeerConnection();
    connection.addTransceiver("audio");
    connection.addTransceiver("video");
    const done = () => connection.close();
    connection.createOffer().then(done, done);
  }
}
