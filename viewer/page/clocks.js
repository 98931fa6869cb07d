/* Where time comes from: the preview film, or, when it cannot be played, a plain clock over black. Same shape both. */
function createVideoClock(video, onFrame) {
  let last = 0;
  const report = (time) => {
    last = time;
    onFrame(time);
  };
  if ('requestVideoFrameCallback' in HTMLVideoElement.prototype) {
    const next = (_, metadata) => {
      report(metadata.mediaTime);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  } else {
    const tick = () => {
      if (video.currentTime !== last) report(video.currentTime);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }
  return {
    duration: () => video.duration,
    isPlaying: () => !video.paused && !video.ended,
    play: () => void video.play().catch(() => undefined),
    pause: () => video.pause(),
    seek: (time) => {
      video.currentTime = Math.max(0, Math.min(video.duration, time));
    },
    setRate: (rate) => {
      video.playbackRate = rate;
    },
  };
}

function createPlainClock(duration, onFrame) {
  let time = 0;
  let playing = false;
  let rate = 1;
  let before = 0;
  const tick = (now) => {
    if (!playing) return;
    time += ((now - before) / 1000) * rate;
    before = now;
    if (time >= duration) {
      time = duration;
      playing = false;
    }
    onFrame(time);
    if (playing) requestAnimationFrame(tick);
  };
  return {
    duration: () => duration,
    isPlaying: () => playing,
    play: () => {
      if (time >= duration) time = 0;
      playing = true;
      before = performance.now();
      requestAnimationFrame(tick);
    },
    pause: () => {
      playing = false;
    },
    seek: (to) => {
      time = Math.max(0, Math.min(duration, to));
      onFrame(time);
    },
    setRate: (value) => {
      rate = value;
    },
  };
}
