// The list of what the public may be shown: names of members on public routes and in live frames. A name comes on it when
// everybody may know what stands under it, of any device and at any time.

/** Places whose members' names are data themselves: metrics, kinds, states, paths and parameters of the API's own document. */
export const VALUE_NAMES: readonly RegExp[] = [
  /\.values$/,
  /\.counts(\.\w+|\.\*)?$/,
  /openapi\.json/,
  /\.explain$/,
  /\.(units|rules)$/,
]

export const PUBLIC_MEMBERS: ReadonlySet<string> = new Set(
  [
    // Lists, periods and refusals.
    'type features next time from to title status detail parameter',
    // A device and its latest values.
    'id kind name geometry coordinates properties simulated state since cause lastSeen expect_every_s parent flapping',
    'radius_m values value band flag unit explain device devices position lat lon',
    // Its history.
    'every fn series metric points few spans',
    // Air.
    'air ispu us-aqi eaqi index stations category dominant completeness parts concentration averaging reason',
    // Transit: routes, stops, buses on their trips and when they come.
    'transit route trip direction speed bearing occupancy delay_s stale routes shortName longName color textColor',
    'directions headsign stops shape headways days start_s end_s headway_s exact source stop arrivals vehicle basis',
    'scheduled predicted reporting low high seen window_s planned_s pace vehicles departures last observed',
    // GTFS-realtime, by its own names.
    'header gtfsRealtimeVersion incrementality timestamp entity latitude longitude label occupancyStatus tripUpdate',
    'tripId routeId directionId startDate startTime scheduleRelationship stopTimeUpdate stopId stopSequence arrival',
    'delay uncertainty alert informedEntity effect headerText descriptionText translation language',
    // Connectivity, of all hotspots together and the states of each.
    'hotspots up down unknown degraded maintenance availability knownShare',
    // How a value came to be.
    'subject rule version inputs known needed share readings units rules',
    // The village and whether it works.
    'ok ready warnings broker ingest store dashboard center bounds timezone languages counts standards boundary basemap',
    'attributions text url tiles host feed connected lastUpdate',
    // Live frames.
    'snapshot delta freshness seq fresh changed removed',
  ]
    .join(' ')
    .split(' '),
)
