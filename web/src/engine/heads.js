// Where the heads are in a picture; see `segdemo.inference.heads` and `segdemo.runtime.blazeface`, which explain the numbers.

import { between, roundEven } from './numbers.js';
import { byArea, crop, linear } from './resize.js';
import { fixed } from './runtime.js';

const SQUARE = 192,
  CELLS = 48,
  MOST = 20,
  WORTH_A_LOOK = 0.4,
  SURE = 0.6,
  CLOSE = 3.5,
  LOOKS = 3 * MOST,
  PART = 0.6,
  LARGEST_IN_A_PART = 0.4,
  SAME = 0.4,
  UP = 1.15,
  DOWN = 0.68,
  SIDEWAYS = 0.88,
  FILLS = 0.48;

/** The areas of at most `MOST` heads, the largest first; of a head that fills the picture, all of it. A face is { box: [left, top, right, bottom], score }. */
export async function findHeads(address, picture) {
  const found = [];
  for (const face of distinct(await candidates(address, picture)).slice(0, LOOKS)) found.push(...(await secondLook(address, picture, face.box)));
  const faces = distinct(found).sort((a, b) => b.box[2] - b.box[0] - (a.box[2] - a.box[0]));
  const areas = faces.slice(0, MOST).map(({ box }) => headArea(box, picture));
  return [...new Map(areas.map((area) => [JSON.stringify(area), area])).values()];
}

async function candidates(address, picture) {
  const { height, width } = picture,
    longest = Math.max(height, width);
  const views = [
    ...(await view(address, picture, 0, 0, longest)),
    ...(await view(address, picture, Math.floor(-width / 2), Math.floor(-height / 2), 2 * longest)),
  ];
  const tall = Math.max(roundEven(PART * height), 1),
    wide = Math.max(roundEven(PART * width), 1);
  for (const top of [0, height - tall])
    for (const left of [0, width - wide])
      for (const face of await view(address, picture, left, top, Math.max(tall, wide)))
        if (face.box[2] - face.box[0] < LARGEST_IN_A_PART * longest) views.push(face);
  return views;
}

/** The surest face on the place of `box`, seen at the size that the detector likes; none if it is not sure. */
async function secondLook(address, picture, box) {
  const side = Math.max(roundEven(CLOSE * (box[2] - box[0])), 1),
    [left, top] = [0, 1].map((i) => roundEven((box[i] + box[i + 2] - side) / 2)),
    seen = await view(address, picture, left, top, side),
    there = seen.filter((face) => face.score >= SURE && overlap(face.box, box) >= SAME);
  return there.sort((a, b) => b.score - a.score).slice(0, 1);
}

/** Faces in the square at (left, top) of so many of the picture's pixels, black outside of it. */
async function view(address, picture, left, top, side) {
  const part = crop(
    picture,
    Math.max(top, 0),
    Math.min(Math.max(top + side, 1), picture.height),
    Math.max(left, 0),
    Math.min(Math.max(left + side, 1), picture.width),
  );
  const scale = SQUARE / side,
    [x, y] = [left, top].map((n) => roundEven(Math.max(-n, 0) * scale)),
    width = Math.min(Math.max(roundEven(part.width * scale), 1), SQUARE - x),
    height = Math.min(Math.max(roundEven(part.height * scale), 1), SQUARE - y),
    small = part.height === height && part.width === width ? part : scale < 1 ? byArea(part, height, width) : linear(part, height, width),
    values = new Float32Array(SQUARE * SQUARE * 3).fill(-1);
  for (let row = 0; row < height; row++)
    for (let k = 0; k < width * 3; k++) values[((y + row) * SQUARE + x) * 3 + k] = small.data[row * width * 3 + k] / 127.5 - 1;
  const given = await fixed(address, values, [1, SQUARE, SQUARE, 3]),
    [[places, [, count, wide]], [scores]] = given.sort((a, b) => b[1][2] - a[1][2]),
    found = [];
  for (let i = 0; i < count; i++) {
    const score = 1 / (1 + Math.exp(-between(-80, scores[i], 80)));
    if (score < WORTH_A_LOOK) continue;
    const centre = [((i % CELLS) + 0.5) / CELLS, (Math.floor(i / CELLS) + 0.5) / CELLS],
      box = [-1, -1, 1, 1].map((sign, k) => {
        const place = places[i * wide + (k % 2)] / SQUARE + centre[k % 2],
          half = places[i * wide + 2 + (k % 2)] / SQUARE / 2;
        return (place + sign * half) * side + [left, top][k % 2];
      });
    if (box[2] > box[0] && box[3] > box[1]) found.push({ box, score });
  }
  return found;
}

/** The faces that do not lie on a surer one. */
function distinct(faces) {
  const kept = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) if (kept.every((other) => overlap(face.box, other.box) < SAME)) kept.push(face);
  return kept;
}

function overlap(a, b) {
  const sides = [0, 1].map((i) => Math.max(Math.min(a[i + 2], b[i + 2]) - Math.max(a[i], b[i]), 0)),
    area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return (sides[0] * sides[1]) / Math.min(area(a), area(b));
}

function headArea(face, { height, width }) {
  const side = (face[2] - face[0] + face[3] - face[1]) / 2,
    x = (face[0] + face[2]) / 2,
    y = (face[1] + face[3]) / 2;
  if (side >= FILLS * Math.sqrt(height * width)) return { top: 0, bottom: height, left: 0, right: width };
  const tall = Math.min(Math.max(roundEven((UP + DOWN) * side), 1), height),
    wide = Math.min(Math.max(roundEven(2 * SIDEWAYS * side), 1), width),
    top = Math.min(Math.max(roundEven(y - UP * side), 0), height - tall),
    left = Math.min(Math.max(roundEven(x - SIDEWAYS * side), 0), width - wide);
  return { top, bottom: top + tall, left, right: left + wide };
}
