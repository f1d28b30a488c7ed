// The indices as rules: the name, version and source that stand wherever one of their numbers is explained (domain A1 to A4).

import type { AirIndex } from '../../contract/feed.ts'

export interface AirRule {
  readonly name: string
  readonly version: string
  readonly source: string
}

export const AIR_RULES: Readonly<Record<AirIndex['index'], AirRule>> = {
  ispu: {
    name: 'ispu',
    version: 'P.14/2020',
    source:
      'Permen LHK P.14/2020, annex I, articles 5 and 6: 24 h means, recomputed each hour; 18 of 24 hours needed',
  },
  'us-aqi': {
    name: 'us-aqi',
    version: '2024-05',
    source:
      'EPA-454/B-24-002 (May 2024), table 6; NowCast: EPA fact sheet P100X0J6; O3 by the surrogate of USEPA/O3-Nowcast',
  },
  eaqi: {
    name: 'eaqi',
    version: '2024',
    source: 'ETC HE Report 2024/17: bands of the last hour, the worst pollutant counts',
  },
}
