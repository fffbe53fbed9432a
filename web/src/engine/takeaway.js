// Pictures to take away; see `segdemo.output.takeaway` and `visualization.overlay`.

import { between, image, roundEven } from './numbers.js';
import { byArea, linear, resize } from './resize.js';

const MARGIN = 0.04,
  SMALL = 480,
  SPREAD = 8,
  BLUR = 0.02;

/** The classes alone, on nothing: (h, w, 4), cropped with a small margin; null if there is nothing. */
export function cutout(picture, soft) {
  const box = boundsOf(soft, picture.height, picture.width);
  if (!box) return null;
  const margin = roundEven(MARGIN * Math.max(box.right - box.left, box.bottom - box.top)),
    top = Math.max(box.top - margin, 0),
    left = Math.max(box.left - margin, 0),
    bottom = Math.min(box.bottom + margin, picture.height),
    right = Math.min(box.right + margin, picture.width),
    subject = subjectOf(picture, soft),
    out = new Uint8ClampedArray((bottom - top) * (right - left) * 4);
  for (let y = top, o = 0; y < bottom; y++)
    for (let x = left; x < right; x++, o += 4) {
      const i = y * picture.width + x;
      out[o + 3] = soft[i];
      for (let c = 0; soft[i] && c < 3; c++) out[o + c] = subject(i, c);
    }
  return image(out, bottom - top, right - left, 4);
}

/** The picture blurred, greyed or colored but for what `soft` holds: (H, W, 4), opaque. */
export function onBackground(picture, soft, kind, color) {
  const subject = subjectOf(picture, soft),
    { data } = picture,
    out = new Uint8ClampedArray(soft.length * 4).fill(255);
  const behind = {
    colored: () => (i, c) => color[c],
    greyed: () => (i) => roundEven(0.299 * data[3 * i] + 0.587 * data[3 * i + 1] + 0.114 * data[3 * i + 2]),
    blurred: () => {
      const spread = spreadOf(
        picture,
        soft.map((value) => wellInside(255 - value)),
        BLUR * SMALL,
      );
      return (i, c) => spread[3 * i + c];
    },
  }[kind]();
  for (let i = 0; i < soft.length; i++) {
    const share = soft[i] / 255;
    for (let c = 0; c < 3; c++) out[4 * i + c] = share * subject(i, c) + (1 - share) * behind(i, c);
  }
  return image(out, picture.height, picture.width, 4);
}

/** The colours of the classes over the picture, without a step along their borders; the background has none. (h, w, 4), opaque. */
export function overlay(picture, mask, palette, background, opacity, height = picture.height, width = picture.width) {
  const layer = new Float32Array(mask.length * 4);
  for (let i = 0; i < mask.length; i++) if (mask[i] !== background) layer.set([...palette[mask[i]], 255], 4 * i);
  const full = image(layer, picture.height, picture.width, 4),
    same = height === picture.height && width === picture.width,
    { data: colors } = same ? blurred(full, [0.25, 0.5, 0.25]) : byArea(full, height, width),
    { data } = resize(picture, height, width),
    out = new Uint8ClampedArray(height * width * 4).fill(255);
  for (let i = 0; i < height * width; i++)
    for (let c = 0; c < 3; c++) {
      const laid = colors[4 * i + c] + data[3 * i + c] * (1 - colors[4 * i + 3] / 255);
      out[4 * i + c] = (1 - opacity) * data[3 * i + c] + opacity * laid;
    }
  return image(out, height, width, 4);
}

function boundsOf(soft, height, width) {
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++)
      if (soft[i]) {
        top = Math.min(top, y);
        bottom = y + 1;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
      }
  return bottom ? { top, bottom, left, right } : null;
}

/** 0 up to the middle of a soft edge, where the picture may already show what lies behind, and then twice as steep. */
const wellInside = (soft) => ((Math.max(soft, 128) - 128) * 2) | Math.floor(soft / 255);

/** The picture, but along a soft edge with the colour from further inside. */
function subjectOf(picture, soft) {
  const spread = spreadOf(picture, soft.map(wellInside), SPREAD);
  return (i, c) => {
    const share = wellInside(soft[i]) / 255;
    return share * picture.data[3 * i + c] + (1 - share) * spread[3 * i + c];
  };
}

/** The picture's blurred colours where `weight` is high, and around from there, as large as the picture. */
function spreadOf(picture, weight, sigma) {
  const factor = Math.min(SMALL / Math.max(picture.height, picture.width), 1),
    [height, width] = [picture.height, picture.width].map((side) => Math.max(roundEven(factor * side), 1)),
    share = resize(image(weight, picture.height, picture.width, 1), height, width).data,
    small = resize(picture, height, width).data,
    mixed = new Float32Array(height * width * 4);
  for (let i = 0; i < share.length; i++) {
    for (let c = 0; c < 3; c++) mixed[4 * i + c] = small[3 * i + c] * share[i];
    mixed[4 * i + 3] = share[i];
  }
  const reach = Math.round(4 * sigma),
    kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2))),
    sum = kernel.reduce((a, b) => a + b),
    { data } = blurred(
      image(mixed, height, width, 4),
      kernel.map((part) => part / sum),
    ),
    colors = new Float32Array(height * width * 3);
  for (let i = 0; i < share.length; i++) for (let c = 0; c < 3; c++) colors[3 * i + c] = data[4 * i + c] / Math.max(data[4 * i + 3], 1e-3);
  return linear(image(colors, height, width, 3), picture.height, picture.width).data;
}

/** Blurred along both axes; beyond a border lies its mirror image. */
export function blurred(source, kernel) {
  return along(along(source, kernel, true), kernel, false);
}

function along({ data, height, width, channels }, kernel, across) {
  const out = new Float32Array(data.length),
    reach = (kernel.length - 1) / 2,
    length = across ? width : height,
    step = (across ? 1 : width) * channels,
    mirror = (k) => between(0, k < 0 ? -k : k >= length ? 2 * length - 2 - k : k, length - 1);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i += channels) {
      const place = across ? x : y;
      for (let k = -reach; k <= reach; k++) {
        const at = i + (mirror(place + k) - place) * step,
          part = kernel[k + reach];
        for (let c = 0; c < channels; c++) out[i + c] += part * data[at + c];
      }
    }
  return image(out, height, width, channels);
}
