import type { PromptableSegmenter } from '../../../contracts/segmenter';
import { createTrackerSession } from '../../../core/tracking/create-session';
import { FakeDeaotNetwork } from './fake-deaot-network';
import { FakeMemoryNetwork } from './fake-memory-network';
import { FakeSam2Network, FakeSquareSegmenter } from './fake-sam2-network';
import { FakeSegmenter } from './fake-segmenter';
import { describeTracker } from './tracker-suite';

const fake = (): PromptableSegmenter => new FakeSegmenter();

describeTracker('prompt', fake, (segmenter) => createTrackerSession('prompt', { segmenter })());
describeTracker('iou', fake, (segmenter) => createTrackerSession('iou', { segmenter })(), true);
describeTracker('memory', fake, (segmenter) => createTrackerSession('memory', { segmenter, memory: new FakeMemoryNetwork() })());
describeTracker('memory, sharpened', fake, (segmenter) => createTrackerSession('memory', { segmenter, memory: new FakeMemoryNetwork(), sharpen: true })());
describeTracker('SAM 2', () => new FakeSquareSegmenter(), (segmenter) => createTrackerSession('memory', { segmenter, memory: new FakeSam2Network() })());
describeTracker('DeAOT', fake, (segmenter) => createTrackerSession('memory', { segmenter, memory: new FakeDeaotNetwork() })());
