import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { FakeSegmenter } from './fake-segmenter';
import { describeTracker } from './tracker-suite';

const fake = (): PromptableSegmenter => new FakeSegmenter();

describeTracker('prompt', fake, (segmenter) => createTrackerSession('prompt', segmenter)());
describeTracker('iou', fake, (segmenter) => createTrackerSession('iou', segmenter)(), true);
