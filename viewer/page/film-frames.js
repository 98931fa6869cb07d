/*
 * Single frames of the film for thumbnails and joins, from a second player that is never shown. They can only be drawn: a page on disk
 * may not read the film's pixels back. One request at a time, newest urgent one first.
 */
function createFilmFrames(source) {
  const WAIT_MS = 8000;
  const waiting = [];
  let video = null;
  let isBusy = false;
  let isBroken = false;

  function open() {
    if (video !== null) return video;
    const player = document.createElement('video');
    player.muted = true;
    player.playsInline = true;
    player.preload = 'auto';
    player.src = source;
    video = new Promise((resolve, reject) => {
      player.onloadeddata = () => resolve(player);
      player.onerror = () => reject(new Error('the film cannot be played'));
    });
    return video;
  }

  function seek(player, time) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the film did not answer')), WAIT_MS);
      player.onseeked = () => {
        clearTimeout(timer);
        resolve();
      };
      player.currentTime = Math.max(0, Math.min(player.duration, time));
    });
  }

  async function work() {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length > 0) {
      const { time, draw, resolve } = waiting.pop();
      try {
        const player = await open();
        await seek(player, time);
        draw(player);
        resolve(true);
      } catch {
        isBroken = video !== null && (await video.then(() => false, () => true));
        resolve(false);
      }
    }
    isBusy = false;
  }

  return {
    /** Calls draw(video) with the frame at a film time. Resolves to false when it cannot be had. */
    grab(time, draw, { isUrgent = false } = {}) {
      if (isBroken) return Promise.resolve(false);
      return new Promise((resolve) => {
        const request = { time, draw, resolve };
        if (isUrgent) waiting.push(request);
        else waiting.unshift(request);
        void work();
      });
    },
  };
}
