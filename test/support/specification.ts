import { expect } from 'vitest';

const isText: unknown = expect.any(String);
const isTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const isDuration: unknown = expect.stringMatching(/^PT[\dHMS.]+$/);

/** The specification's "Execution State Schema", with the example's values. */
export const EXECUTION_STATE = {
  executionId: expect.stringMatching(/^exec-/) as unknown,
  planId: 'core-banking',
  status: 'completed',
  currentWave: 3,
  startedAt: isTime,
  waves: [
    {
      waveNumber: 1,
      name: 'Database Tier',
      status: 'completed',
      startedAt: isTime,
      completedAt: isTime,
      technologies: [
        {
          type: 'database',
          status: 'completed',
          subExecutionId: isText,
          resources: ['aurora-prod-cluster'],
          executionTime: isDuration,
        },
      ],
    },
    {
      waveNumber: 2,
      name: 'Application Tier',
      status: 'completed',
      startedAt: isTime,
      completedAt: isTime,
      technologies: [
        {
          type: 'drs',
          status: 'completed',
          subExecutionId: isText,
          resources: [isText, isText, isText, isText],
        },
        { type: 'application', status: 'completed', subExecutionId: isText },
      ],
    },
    {
      waveNumber: 3,
      name: 'Infrastructure',
      status: 'completed',
      technologies: [{ type: 'infrastructure' }],
    },
  ],
  enterpriseContext: {
    initiatedBy: isText,
    tags: { Environment: 'production', Application: 'core-banking' },
  },
};

/** The specification's "Export Data Integration". */
export const EXPORT_DATA = {
  executionId: isText,
  waveNumber: 2,
  technology: 'drs',
  status: 'completed',
  results: {
    drsExecutionId: isText,
    recoveredInstances: expect.arrayContaining([
      expect.objectContaining({
        sourceInstanceId: 'i-app01',
        recoveryInstanceId: expect.stringMatching(/^i-[0-9a-f]{17}$/) as unknown,
        privateIp: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as unknown,
        status: 'running',
      }),
    ]) as unknown,
    executionTime: isDuration,
    nextPhaseReady: true,
    drsExportData: expect.any(Object) as unknown,
  },
};
