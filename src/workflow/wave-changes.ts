import { applyWaveEvent } from '#core/progress.ts';
import type { WaveRecord } from '#core/records.ts';
import type { WaveEvent } from '#core/states.ts';
import type { Change } from '#store/execution-change.ts';

/** Moves a wave, its execution, and says so. */
export function move(
  change: Change,
  wave: WaveRecord,
  event: WaveEvent,
  { now, message = '' }: { now: number; message?: string },
): WaveRecord {
  const before = change.head();
  const after = applyWaveEvent(before, wave, event, new Date(now).toISOString());
  change.putHead(after.head);
  change.putWave(after.wave);
  const data = { waveNumber: wave.waveNumber, name: wave.name, reason: message, message };
  change.emit(EVENT_OF[event], data);
  // A wave that waits says so at its gate; here a pause by request takes effect.
  if (event !== 'paused' && after.head.status === 'paused' && before.status !== 'paused')
    change.emit('ExecutionPaused');
  return after.wave;
}

const EVENT_OF = {
  work_began: 'WaveStarted',
  paused: 'WavePaused',
  resumed: 'WaveResumed',
  completed: 'WaveCompleted',
  failed: 'WaveFailed',
  cancelled: 'WaveCancelled',
} as const;
