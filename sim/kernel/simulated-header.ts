/** Stands on everything that the simulated AWS answers, so that nobody takes it for the real one. */
export const SIMULATED_HEADER = { 'x-breakwater-simulated': 'true' } as const;
