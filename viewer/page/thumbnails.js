/* A picture per object, cut from the film when it is first needed; around the object the picture is dimmed. */
function createThumbnails(data, frames, filmTime, onReady) {
  const KEEP = 300;
  const SIZE = 96;
  const GRID = 32;
  const made = new Map();
  const asked = new Set();

  function silhouette({ mask }, colour) {
    const bytes = Uint8Array.from(atob(mask), (character) => character.charCodeAt(0));
    const canvas = make('canvas', { width: GRID, height: GRID });
    const context = canvas.getContext('2d');
    const image = context.createImageData(GRID, GRID);
    const pixels = new Uint32Array(image.data.buffer);
    const pixel = pixelOf(colour, 255);
    for (let i = 0; i < GRID * GRID; i++) if (bytes[i >> 3] & (128 >> (i & 7))) pixels[i] = pixel;
    context.putImageData(image, 0, 0);
    return canvas;
  }

  function cut(object, video) {
    const canvas = make('canvas', { width: SIZE, height: SIZE });
    const context = canvas.getContext('2d');
    const [x, y, side] = object.thumbnail.square;
    const scale = video === null ? 1 : video.videoWidth / data.width;
    const shape = silhouette(object.thumbnail, '#000000');
    const picture = (target) => {
      target.fillStyle = '#000';
      target.fillRect(0, 0, SIZE, SIZE);
      if (video !== null) target.drawImage(video, x * scale, y * scale, side * scale, side * scale, 0, 0, SIZE, SIZE);
    };
    // The object alone, cut out by its mask, over the dimmed surroundings.
    const alone = make('canvas', { width: SIZE, height: SIZE });
    const inside = alone.getContext('2d');
    if (video === null) inside.drawImage(silhouette(object.thumbnail, object.colour), 0, 0, SIZE, SIZE);
    else {
      picture(inside);
      inside.globalCompositeOperation = 'destination-in';
      inside.drawImage(shape, 0, 0, SIZE, SIZE);
    }
    picture(context);
    context.fillStyle = 'rgba(0,0,0,.55)';
    context.fillRect(0, 0, SIZE, SIZE);
    context.drawImage(alone, 0, 0);
    return canvas;
  }

  function keep(id, canvas) {
    made.set(id, canvas);
    for (const key of made.keys()) {
      if (made.size <= KEEP) break;
      made.delete(key);
      asked.delete(key);
    }
  }

  return {
    /** The picture of an object, or null: then it is fetched, and `onReady(id)` is called. */
    of(object) {
      const known = made.get(object.id);
      if (known !== undefined) return known;
      if (!asked.has(object.id)) {
        asked.add(object.id);
        const { position, time } = object.thumbnail;
        void frames.grab(filmTime.middleOf(position, time), (video) => keep(object.id, cut(object, video))).then((isThere) => {
          if (!isThere) keep(object.id, cut(object, null));
          onReady(object.id);
        });
      }
      return null;
    },
  };
}
