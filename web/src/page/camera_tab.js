// The camera: frame after frame through the worker, the classes drawn over each; size, pause, record, and which camera.

import { best, live, modelOf, seenIn, taskOf } from './engine.js';
import { render } from './render.js';
import { language, say, wordsOf, wordsOfFailure } from './texts.js';

const ASKED_AGAIN = 2000; // milliseconds until a frame is asked for its task again

/** `chosen()` gives task, model and precision, `opening` is the task of what fits none; `root` holds the controls by their names; `save(name, blob)` hands
 * a recording over. */
export function cameraTab({ chosen, opening, root, save }) {
  const find = (name) => root.querySelector(`[name=${name}], .${name}`),
    canvas = find('live'),
    pen = canvas.getContext('2d'),
    frame = new OffscreenCanvas(1, 1),
    brush = frame.getContext('2d', { willReadFrequently: true }),
    layer = new OffscreenCanvas(1, 1),
    painter = layer.getContext('2d'),
    video = document.createElement('video');
  let stream,
    recorder,
    paused = false,
    said = '',
    turn = 0;
  video.muted = video.playsInline = true;

  async function start() {
    stop();
    const device = find('camera').value;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: device ? { deviceId: { exact: device } } : { facingMode: 'environment' } });
    } catch (error) {
      const key = error.name === 'NotAllowedError' ? 'camera_refused' : 'camera_none';
      tell(wordsOf(navigator.mediaDevices ? key : 'camera_insecure'));
      return;
    }
    tell();
    video.srcObject = stream;
    await video.play();
    await listCameras();
    root.classList.add('running');
    loop(++turn);
  }

  async function listCameras() {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput'),
      now = stream.getVideoTracks()[0].getSettings().deviceId;
    find('camera').replaceChildren(...cameras.map(({ deviceId, label }, i) => new Option(label || `${i + 1}`, deviceId, false, deviceId === now)));
  }

  function stop() {
    turn++;
    if (recorder?.state === 'recording') recorder.stop();
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    root.classList.remove('running', 'paused', 'recording');
    find('rate').textContent = '';
    paused = false;
  }

  /** Runs until another turn begins. The size is about that of the control, in the camera's own shape. */
  async function loop(mine) {
    const times = [];
    let fits = opening,
      asked = -Infinity;
    while (mine === turn) {
      if (paused || !video.videoWidth) {
        await new Promise((done) => setTimeout(done, 50));
        continue;
      }
      const { task: wanted, model, precision } = chosen(),
        scale = Number(find('size').value) / Math.max(video.videoWidth, video.videoHeight),
        width = Math.max(Math.round(video.videoWidth * scale), 32),
        height = Math.max(Math.round(video.videoHeight * scale), 32);
      if (frame.width !== width || frame.height !== height) [frame.width, frame.height] = [width, height];
      brush.drawImage(video, 0, 0, width, height);
      try {
        const seen = brush.getImageData(0, 0, width, height);
        if (wanted === 'auto' && performance.now() > asked + ASKED_AGAIN) {
          const found = await seenIn(seen);
          fits = found ?? opening;
          tell(found ? null : wordsOf('camera_unknown', { title: taskOf(opening).title }));
          asked = performance.now();
        } else if (wanted !== 'auto') tell();
        const task = wanted === 'auto' ? fits : wanted,
          { mask } = await live(seen, modelOf(task, model) ?? best(task), precision);
        if (mine !== turn) return;
        draw(mask, width, height, taskOf(task));
        name(task);
      } catch (error) {
        tell(wordsOfFailure(wordsOf('tab_camera'), error));
        return stop();
      }
      times.push(performance.now());
      if (times.length > 20) times.shift();
      const rate = times.length > 1 ? (1000 * (times.length - 1)) / (times.at(-1) - times[0]) : 0;
      find('rate').textContent = say('camera_rate', language(), { rate: rate.toFixed(1), width, height });
      root.dataset.rate = rate.toFixed(2);
    }
  }

  /** Says what went wrong, in both languages; nothing if nothing did. */
  function tell(words) {
    const html = words ? render('words', { words }) : '';
    if (html !== said) find('told').innerHTML = html; // or a screen reader would say it again and again
    said = html;
  }

  /** Says which task it is, and what the colours mean. */
  function name(task) {
    if (find('named').dataset.task === task) return;
    find('named').dataset.task = task;
    find('named').innerHTML = render('camera_seen', { task: taskOf(task) });
  }

  function draw(mask, width, height, { classes, background }) {
    const picture = new ImageData(width, height),
      out = new Uint32Array(picture.data.buffer),
      alpha = Math.round(255 * (find('opacity').value / 100)),
      colors = Uint32Array.from(classes, ({ color: [r, g, b] }, id) => (id === background ? 0 : (alpha << 24) | (b << 16) | (g << 8) | r));
    for (let i = 0; i < mask.length; i++) out[i] = colors[mask[i]];
    if (layer.width !== width || layer.height !== height) [layer.width, layer.height] = [width, height];
    painter.putImageData(picture, 0, 0);
    const large = 2;
    if (canvas.width !== large * width || canvas.height !== large * height) [canvas.width, canvas.height] = [large * width, large * height];
    pen.drawImage(frame, 0, 0, canvas.width, canvas.height);
    pen.drawImage(layer, 0, 0, canvas.width, canvas.height);
  }

  function record() {
    if (recorder?.state === 'recording') return recorder.stop();
    const type = ['video/mp4', 'video/webm'].find((each) => MediaRecorder.isTypeSupported(each)),
      parts = [];
    recorder = new MediaRecorder(canvas.captureStream(), { mimeType: type });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      root.classList.remove('recording');
      save(`segdemo.${type.slice(6)}`, new Blob(parts, { type }));
    };
    recorder.start();
    root.classList.add('recording');
  }

  root.addEventListener('click', ({ target }) => {
    const work = target.closest('[data-camera]')?.dataset.camera;
    if (work === 'start') start();
    if (work === 'stop') stop();
    if (work === 'record') record();
    if (work === 'pause') root.classList.toggle('paused', (paused = !paused));
  });
  find('camera').addEventListener('change', start);
  return { stop };
}
