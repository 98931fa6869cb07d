/** All workflow types of the control worker. */
export { segmentVideo } from './segment-video';
export { segmentArchive } from './segment-archive';
export { correctVideo } from './correct-video';
