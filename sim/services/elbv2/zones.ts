type Kind = 'application' | 'network';

/** Hosted zone ids of load balancers, from the table of Elastic Load Balancing endpoints in the AWS General Reference. */
const ZONES: Readonly<Record<string, Readonly<Record<Kind, string>>>> = {
  'us-east-1': { application: 'Z35SXDOTRQ7X7K', network: 'Z26RNL4JYFTOTI' },
  'us-east-2': { application: 'Z3AADJGX6KTTL2', network: 'ZLMOA37VPKANP' },
  'us-west-1': { application: 'Z368ELLRRE2KJ0', network: 'Z24FKFUX50B4VW' },
  'us-west-2': { application: 'Z1H1FL5HABSF5', network: 'Z18D5FSROUN65G' },
  'ca-central-1': { application: 'ZQSVJUPU6J1EY', network: 'Z2EPGBW3API2WT' },
  'eu-central-1': { application: 'Z215JYRZR1TBD5', network: 'Z3F0SRJ5LGBH90' },
  'eu-west-1': { application: 'Z32O12XQLNTSW2', network: 'Z2IFOLAFXWLO4F' },
  'eu-west-2': { application: 'ZHURV8PSTC4K8', network: 'ZD4D7Y8KGAS4G' },
  'eu-west-3': { application: 'Z3Q77PNBQS71R4', network: 'Z1CMS0P5QUZ6D5' },
  'eu-north-1': { application: 'Z23TAZ6LKFMNIO', network: 'Z1UDT6IFJ4EJM' },
  'ap-northeast-1': { application: 'Z14GRHDCWA56QT', network: 'Z31USIVHYNEOWT' },
  'ap-southeast-1': { application: 'Z1LMS91P8CMLE5', network: 'ZKVM4W9LS7TM' },
  'ap-southeast-2': { application: 'Z1GM3OXH4ZPM65', network: 'ZCT6FZBF4DROD' },
  'ap-south-1': { application: 'ZP97RAFLXTNZK', network: 'ZVDDRBQ08TROA' },
  'sa-east-1': { application: 'Z2P70J7HTTTPLU', network: 'ZTK26PT1VY4CU' },
};

/** The zone to name in alias records. A Region that is not in the table gets one made up from its name. */
export function zoneIdOfRegion(region: string, kind: Kind): string {
  return ZONES[region]?.[kind] ?? `Z${`${kind[0]}${region}`.replaceAll('-', '').toUpperCase()}`;
}
