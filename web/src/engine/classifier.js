// Multinomial logistic regression on the features of painted pixels; see `segdemo.teaching.classifier`, which explains the numbers.

import { addEnlarged, channelsOf, featuresAt } from './maps.js';
import { minimize } from './minimize.js';
import { dot, image } from './numbers.js';

const SHRINKAGE = 0.1,
  ROUNDS = 60,
  LEAST_DEVIATION = 1e-3,
  NEVER = -1e4; // the logit of a class that was never painted

/**
 * A classifier { mean, deviation, weights, bias } of `lessons`, each { maps, painted: { y, x, ids }, start }: at least two classes are painted, or each has
 * a start, the map of logits to which the classifier's are added.
 */
export function learn(lessons, classes) {
  const { mean, deviation } = spread(lessons.map(({ maps }) => maps)),
    wide = mean.length,
    ids = joined(
      Uint8Array,
      lessons.map(({ painted }) => painted.ids),
    ),
    features = joined(
      Float32Array,
      lessons.map(({ maps, painted }) => featuresAt(maps, painted.y, painted.x)),
    ),
    begun = joined(
      Float32Array,
      lessons.map(({ start, painted }) => (start ? featuresAt([start], painted.y, painted.x) : [])),
    ),
    there = lessons[0].start ? Array.from({ length: classes }, (_, id) => id) : [...new Set(ids)].sort((a, b) => a - b);
  standardize(features, mean, deviation);
  const found = fit(
      features,
      ids.map((id) => there.indexOf(id)),
      there.length,
      begun,
    ),
    weights = new Float32Array(classes * wide),
    bias = new Float32Array(classes).fill(NEVER);
  there.forEach((id, k) => {
    weights.set(found.weights.subarray(k * wide, (k + 1) * wide), id * wide);
    bias[id] = found.bias[k];
  });
  return { mean, deviation, weights, bias };
}

function joined(Kind, parts) {
  const out = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Mean and standard deviation (D,) of each feature over all pictures, each picture counting the same. */
export function spread(pictures) {
  const [mean, square] = [0, 1].map((which) => {
    const sums = new Float64Array(channelsOf(pictures[0]));
    for (const maps of pictures) maps.flatMap(({ means }) => [...means[which]]).forEach((value, d) => (sums[d] += value / pictures.length));
    return sums;
  });
  return { mean: Float32Array.from(mean), deviation: Float32Array.from(mean, (value, d) => Math.sqrt(Math.max(square[d] - value ** 2, 0)) + LEAST_DEVIATION) };
}

/** Features (N, D), in place: each less its mean, over its deviation. */
export function standardize(features, mean, deviation) {
  for (let i = 0, d = 0; i < features.length; i++, d = d + 1 === mean.length ? 0 : d + 1) features[i] = (features[i] - mean[d]) / deviation[d];
}

/**
 * The weights (classes, D) and biases that make the ids (N,) of features (N, D) likeliest: each class counts the same, and weights shall be small; with
 * logits (N, classes) that are `begun`, to which theirs are added, the biases too.
 */
export function fit(features, ids, classes, begun = []) {
  const count = ids.length,
    wide = features.length / Math.max(count, 1),
    shrunk = classes * (begun.length ? wide + 1 : wide),
    shares = new Array(classes).fill(0);
  for (const id of ids) shares[id]++;
  const present = shares.filter(Boolean).length,
    odds = new Float64Array(classes);

  /** The mean of -log softmax + SHRINKAGE / 2 |weights|^2, and its slope; `flat` holds the weights, then the biases. */
  function surprise(flat) {
    const slope = flat.map((value, i) => (i < shrunk ? SHRINKAGE * value : 0)),
      bias = classes * wide;
    let loss = 0;
    for (let i = 0; i < shrunk; i++) loss += (SHRINKAGE / 2) * flat[i] ** 2;
    for (let n = 0, from = 0; n < count; n++, from += wide) {
      let most = -Infinity,
        sum = 0;
      for (let k = 0; k < classes; k++) {
        odds[k] = flat[bias + k] + dot(flat, k * wide, features, from, wide) + (begun[n * classes + k] ?? 0);
        most = Math.max(most, odds[k]);
      }
      const share = 1 / (present * shares[ids[n]]),
        own = odds[ids[n]] - most;
      for (let k = 0; k < classes; k++) sum += odds[k] = Math.exp(odds[k] - most);
      loss += share * (Math.log(sum) - own);
      for (let k = 0; k < classes; k++) {
        const error = share * (odds[k] / sum - (k === ids[n] ? 1 : 0));
        slope[bias + k] += error;
        for (let d = 0, at = k * wide; d < wide; d++) slope[at + d] += error * features[from + d];
      }
    }
    return [loss, slope];
  }

  const found = Float32Array.from(minimize(surprise, new Float64Array(classes * (wide + 1)), ROUNDS));
  return { weights: found.subarray(0, classes * wide), bias: found.subarray(classes * wide) };
}

/** (height, width, classes): how far each class is above one of them. As it is linear, it is applied to each map and only its answers are enlarged. */
export function logitsOf({ mean, deviation, weights, bias }, maps, height, width) {
  const classes = bias.length,
    wide = mean.length,
    zero = bias.indexOf(Math.max(...bias)),
    total = image(new Float32Array(height * width * classes), height, width, classes);
  let first = 0;
  for (const map of maps) {
    const { data, channels } = map,
      slope = new Float64Array(classes * channels),
      answers = new Float32Array((data.length / channels) * classes);
    for (let k = 0; k < classes; k++)
      for (let c = 0, d = first; c < channels; c++, d++) slope[k * channels + c] = (weights[k * wide + d] - weights[zero * wide + d]) / deviation[d];
    for (let k = 0; k < classes; k++) {
      if (k === zero) continue;
      const middle = dot(slope, k * channels, mean, first, channels);
      for (let i = 0, to = k; i < data.length; i += channels, to += classes) answers[to] = dot(slope, k * channels, data, i, channels) - middle;
    }
    addEnlarged(total, { ...image(answers, map.height, map.width, classes), over: map.over });
    first += channels;
  }
  for (let i = 0; i < total.data.length; i++) total.data[i] += bias[i % classes] - bias[zero];
  return total;
}
