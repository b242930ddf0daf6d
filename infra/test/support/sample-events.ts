/*
 * Events as AWS shows them: https://docs.aws.amazon.com/drs/latest/userguide/monitoring-event-bridge-sample.html and
 * https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */

const envelope = {
  version: '0',
  id: '9da9af57-9253-4406-87cb-7cc400e43465',
  account: '111122223333',
  time: '2016-08-22T20:12:19Z',
  region: 'us-west-2',
};
const ofDrs = (kind: string, detail: object) => ({
  ...envelope,
  source: 'aws.drs',
  'detail-type': kind,
  resources: ['arn:aws:drs:us-west-2:111122223333:source-server/s-12345678901234567'],
  detail,
});

const LAUNCH = 'DRS Source Server Launch Result';
const STALL = 'DRS Source Server Data Replication Stalled Change';
const job = { 'job-id': 'drsjob-04ca7d0d3fb6afa3e', 'is-drill': 'FALSE' };

/** Those that are hints. */
export const DRS_EVENTS = [
  ofDrs(LAUNCH, { state: 'RECOVERY_LAUNCH_SUCCEEDED', ...job }),
  ofDrs(LAUNCH, { state: 'RECOVERY_LAUNCH_FAILED', ...job }),
  ofDrs(STALL, { state: 'STALLED' }),
  ofDrs(STALL, { state: 'NOT_STALLED' }),
];

/** Those that are near, and none. */
export const OTHER_DRS_EVENTS = [
  ofDrs('DRS PIT Snapshot Taken', { DrsSnapshotID: '112233', EbsSnapshotIDs: '445566,778899' }),
  ofDrs('DRS Recovery Instance Failback State Change', { state: 'FAILBACK_IN_PROGRESS' }),
  { ...ofDrs(LAUNCH, { state: 'CUTOVER_LAUNCH_FAILED' }), source: 'aws.mgn' },
  {
    ...ofDrs(STALL, { state: 'STALLED' }),
    'detail-type': 'MGN Source Server Data Replication Stalled Change',
  },
];

/** An operational issue of a whole Region. */
export const HEALTH_ISSUE = {
  ...envelope,
  source: 'aws.health',
  'detail-type': 'AWS Health Event',
  resources: [],
  detail: {
    eventArn:
      'arn:aws:health:us-west-2::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_7f35c8ae',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    eventScopeCode: 'PUBLIC',
    startTime: 'Sat, 05 Jun 2022 15:10:09 GMT',
    statusCode: 'open',
    eventRegion: 'us-west-2',
    eventDescription: [{ language: 'en_US', latestDescription: 'Instances cannot be reached' }],
  },
};

/** What `aws events put-events` makes of the example in the README. */
export const DISASTER = {
  ...envelope,
  source: 'breakwater.disaster',
  'detail-type': 'Region down',
  resources: [],
  detail: { triggerId: 'region-down', note: 'said by "Ana"' },
};
