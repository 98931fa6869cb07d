/* The film and its masks in step: which frame is shown, playing, stepping, seeking. */
function createPlayer({ data, files, filmTime, onFrame }) {
  /* How long a frame that was sought may take from 'seeked' to its callback; browsers give none to a page that nobody sees. */
  const FRAME_MS = 500;
  const video = $('film');
  const picture = $('picture');
  let clock = createPlainClock(filmTime.span, show);
  let mediaTime = 0;
  /* Time of the frame that the film itself showed last. */
  let presented = null;
  let soughtTimer;
  let position = 0;
  /* Where a seek that is still under way leads to. */
  let target = null;
  let frame = null;

  let hasPicture = false;
  /* While it seeks, the film has no picture to draw: what is shown stays, its masks too, until it has one again. */
  const isBetweenPictures = () => hasPicture && !picture.hidden && video.readyState < 2;

  /* The film is drawn on a canvas in the same turn as its masks: the two can never be a frame apart. */
  function drawPicture() {
    if (picture.hidden || video.readyState < 2) return;
    hasPicture = true;
    const scale = Math.min(1, 1920 / Math.max(video.videoWidth, video.videoHeight, 1));
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (picture.width !== width || picture.height !== height) {
      picture.width = width;
      picture.height = height;
    }
    // Odd sizes were padded to even ones by a pixel: that pixel is not part of the masks.
    const [cutX, cutY] = video.videoWidth === data.width + 1 || video.videoHeight === data.height + 1 ? [video.videoWidth - data.width, video.videoHeight - data.height] : [0, 0];
    picture.getContext('2d', { alpha: false }).drawImage(video, 0, 0, video.videoWidth - cutX, video.videoHeight - cutY, 0, 0, width, height);
  }

  function present(time) {
    presented = time;
    clearTimeout(soughtTimer);
    show(time);
  }

  /* The picture of a frame that was sought may come after 'seeked': then its callback shows it, and until then nothing changes. */
  function showSought() {
    clearTimeout(soughtTimer);
    const time = video.currentTime;
    if (picture.hidden || (presented !== null && filmTime.positionAt(presented).position === filmTime.positionAt(time).position)) show(time);
    else soughtTimer = setTimeout(() => show(time), FRAME_MS);
  }

  function show(time, { isNewPicture = true } = {}) {
    if (isBetweenPictures()) return;
    mediaTime = time;
    const found = filmTime.positionAt(time);
    position = found.position;
    files.need(position);
    if (target !== null && found.isExact && !video.seeking) {
      // The masks came after the seek and put this frame elsewhere than was thought.
      if (position !== target && files.frameAt(target) !== null && seekTo(target) !== time) return;
      target = null;
    }
    frame = found.isExact ? files.frameAt(position) : null;
    if (isNewPicture) drawPicture();
    onFrame();
  }

  let lastSought = null;
  function seekTo(wanted) {
    const time = filmTime.middleOf(wanted);
    if (lastSought?.wanted === wanted && lastSought.time === time) {
      // It was sought there already: the film has no such frame.
      target = null;
      return mediaTime;
    }
    lastSought = { wanted, time };
    clock.seek(time);
    return time;
  }

  function goTo(wanted) {
    target = Math.max(0, Math.min(data.frames - 1, Math.round(wanted)));
    lastSought = null;
    files.need(target);
    seekTo(target);
  }

  video.addEventListener('loadedmetadata', () => {
    filmTime.setDuration(video.duration);
    const at = target ?? position;
    clock = createVideoClock(video, present);
    picture.hidden = !('requestVideoFrameCallback' in HTMLVideoElement.prototype);
    if (at > 0) goTo(at);
    else show(0);
  });
  video.addEventListener('loadeddata', () => show(video.currentTime));
  // The frame under currentTime begins at or before it; its own time is told by the frame callback.
  video.addEventListener('seeked', showSought);
  video.addEventListener('error', () => {
    video.hidden = picture.hidden = true;
    $('nofilm').hidden = false;
    show(mediaTime);
  });
  for (const name of ['play', 'pause', 'ended']) video.addEventListener(name, () => onFrame());

  return {
    goTo,
    step(by) {
      clock.pause();
      goTo((target ?? position) + by);
    },
    toggle() {
      if (clock.isPlaying()) clock.pause();
      else clock.play();
      onFrame();
    },
    setRate: (rate) => clock.setRate(rate),
    isPlaying: () => clock.isPlaying(),
    /** Where the play head is, or is going. */
    position: () => target ?? position,
    shown: () => position,
    /** [frame, time, objects] shown, or null while its masks are not there. */
    frame: () => frame,
    isMissing: () => files.isFailed(position),
    /** Something was loaded: look again. */
    again: () => show(mediaTime, { isNewPicture: false }),
  };
}
