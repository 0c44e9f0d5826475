// Package elect makes the choice that a room's acting host says to everybody:
// who connects to whom, through which SFU, with which standby, and why.
//
// It owns the thresholds and the arithmetic of that choice and nothing else: it
// knows no roster, no signature and no clock. How long a choice must have stood
// before it is said belongs to pkg/room.
//
// Choose is a pure function of whole numbers below 2^53: every quotient is
// rounded down and no intermediate leaves that range, so that
// web/src/room/elect.ts computes the same. Both run testdata/vectors.
//
// The contract:
//
//   - Up to MeshMax members are a mesh. More are a star as soon as somebody can
//     carry it; with nobody who can, the mesh stays.
//   - A star goes back to a mesh only when MeshMargin fewer than MeshMax remain.
//   - A browser never carries. A member is preferred to a helper.
//   - A candidate must carry the room: an uplink for every receiver, a downlink
//     for every sender, and cores for both.
//   - An SFU that was found overloaded carries on only while nobody else can.
//   - Who carries now stays until it no longer can (with some slack) or another
//     is clearly better; measurements that only waver move nobody.
package elect
