// The cursor that keys move over a chart: along the points of a track, and across to another one.
//
// A track has a key that no other has, a size, the xs of its places if tracks share an axis, and at(place):
// what is there, as a name, a text, and where on the picture it is drawn.

import { nearest } from "./joining.js";

const LEAP = 10;
const ALONG = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const ACROSS = { ArrowUp: -1, ArrowDown: 1 };

// A cursor that stands nowhere yet comes in from the side.
function moved(place, by, last) {
  const from = place ?? (by < 0 ? last + 1 : by > 0 ? -1 : 0);
  return Math.min(Math.max(from + by, 0), last);
}

export class Walk {
  place = null;

  // Where a key leads; nothing for a key that leads nowhere.
  press({ key, shiftKey }, tracks) {
    const along = ALONG[key];
    const across = ACROSS[key];
    const walked = tracks.filter(({ size }) => size);
    if (!walked.length || (along === undefined && across === undefined)) return null;
    const track = this.turned(walked, across ?? 0);
    const leap = shiftKey && Number.isFinite(along) ? LEAP : 1;
    this.place = moved(this.place, (along ?? 0) * leap, track.size - 1);
    return { track, place: this.place };
  }

  // Another track is entered where the last one was left.
  turned(tracks, by) {
    const number = Math.max(tracks.findIndex(({ key }) => key === this.key), 0);
    const from = tracks[number];
    const track = tracks[(number + by + tracks.length) % tracks.length];
    const x = from.xs?.[this.place];
    if (track !== from && track.xs && x !== undefined) this.place = nearest(track.xs, x);
    this.key = track.key;
    return track;
  }

  leave() {
    this.place = null;
  }
}
