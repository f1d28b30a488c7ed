// What the signed-in routes of the HTTP API take and answer (contract section 4).

import Type, { type Static } from 'typebox'
import { about } from './about.ts'
import { ApiTime, FlagName, KindName, LatLon, StateName } from './api.ts'
import { ROLES } from './device-state.ts'
import { QUARANTINE_REASONS, type QuarantineReason } from './observation.ts'

const nullable = <const T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const wholeCounts = Type.Record(Type.String(), Type.Integer())
const Next = Type.Optional(Type.String({ description: 'cursor of the next page; absent on the last' }))
export const RoleName = Type.Enum([...ROLES])

export const PersonName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,62}$',
  description: '1 to 63 of a-z, 0-9, dot, _ and -, beginning with a letter or digit',
})
/** Names of what people name: no control or direction marks. */
const PRINTABLE = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$'
export const DisplayName = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: PRINTABLE,
  description: '1 to 120 letters without control or direction marks',
})
const latitude = Type.Number({ minimum: -90, maximum: 90 })
const longitude = Type.Number({ minimum: -180, maximum: 180 })
const DeviceIdText = Type.String({
  pattern: '^[a-z0-9][a-z0-9_-]{0,62}$',
  description: '1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit',
})
const strict = { additionalProperties: false } as const

export const SignIn = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
      description: '1 to 63 of letters, digits, dot, _ and -, beginning with a letter or digit',
    }),
    password: Type.String({ minLength: 1, maxLength: 1_024, description: '1 to 1,024 bytes' }),
    code: Type.Optional(
      Type.String({
        pattern: '^[0-9]{6}$',
        description: 'six digits of the authenticator app, for an account that has a second factor',
      }),
    ),
  },
  strict,
)
export type SignIn = Static<typeof SignIn>

/** 401 without a session. The cookie `pantau_signed_in`, which the page's script may read, says whether asking makes sense. */
export const SessionAnswer = Type.Object({
  name: Type.String(),
  role: RoleName,
  by: Type.Enum(['session', 'token']),
  until: Type.Optional(ApiTime),
})
export type SessionAnswer = Static<typeof SessionAnswer>

export const NewToken = Type.Object({ name: DisplayName, role: RoleName }, strict)
const tokenMembers = { id: Type.String(), name: Type.String(), role: RoleName, createdAt: ApiTime }
export const TokensAnswer = Type.Object({ tokens: Type.Array(Type.Object(tokenMembers)) })
export type TokensAnswer = Static<typeof TokensAnswer>
export const TokenMade = Type.Object({
  ...tokenMembers,
  token: Type.String({ description: 'shown this once' }),
})
export type TokenMade = Static<typeof TokenMade>

const isPublic = Type.Boolean({ description: 'false: on private ground, shown to staff alone' })
export const NewDevice = Type.Object(
  {
    id: DeviceIdText,
    kind: KindName,
    name: Type.Optional(DisplayName),
    lat: Type.Optional(latitude),
    lon: Type.Optional(longitude),
    public: Type.Optional(isPublic),
  },
  strict,
)
export type NewDevice = Static<typeof NewDevice>
export const DeviceChange = Type.Object(
  {
    name: Type.Optional(DisplayName),
    lat: Type.Optional(latitude),
    lon: Type.Optional(longitude),
    public: Type.Optional(isPublic),
  },
  { ...strict, minProperties: 1 },
)
export type DeviceChange = Static<typeof DeviceChange>

export const AdminDevice = Type.Object({
  id: Type.String(),
  kind: KindName,
  name: Type.String(),
  position: nullable(LatLon),
  public: isPublic,
  simulated: Type.Boolean(),
  hasSecret: Type.Boolean(),
  addedAt: ApiTime,
  rotatedAt: Type.Optional(ApiTime),
  state: nullable(StateName),
  lastSeen: nullable(ApiTime),
  clockOffset_ms: nullable(Type.Number()),
})
export type AdminDevice = Static<typeof AdminDevice>
export const AdminDevicesAnswer = Type.Object({
  time: ApiTime,
  ...about,
  devices: Type.Array(AdminDevice),
  next: Next,
})
export type AdminDevicesAnswer = Static<typeof AdminDevicesAnswer>

export const DeviceCredentials = Type.Object({
  id: Type.String(),
  kind: KindName,
  username: Type.String(),
  password: Type.String({ description: 'shown this once' }),
  topicPrefix: Type.String(),
})
export type DeviceCredentials = Static<typeof DeviceCredentials>

const userMembers = { name: Type.String(), role: RoleName }
export const NewUser = Type.Object({ name: PersonName, role: RoleName }, strict)
export type NewUser = Static<typeof NewUser>
export const UserChange = Type.Object(
  {
    name: Type.Optional(PersonName),
    role: Type.Optional(RoleName),
    reset: Type.Optional(Type.Boolean({ description: 'true makes a new password, which the answer shows' })),
  },
  strict,
)
export type UserChange = Static<typeof UserChange>
export const UsersAnswer = Type.Object({
  time: ApiTime,
  users: Type.Array(
    Type.Object({ ...userMembers, createdAt: ApiTime, tokens: Type.Integer(), secondFactor: Type.Boolean() }),
  ),
})
export type UsersAnswer = Static<typeof UsersAnswer>
export const UserAnswer = Type.Object({
  ...userMembers,
  password: Type.Optional(Type.String({ description: 'shown this once' })),
})
export type UserAnswer = Static<typeof UserAnswer>

export const UptimeAnswer = Type.Object({
  from: ApiTime,
  to: ApiTime,
  ...about,
  hotspots: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      simulated: Type.Boolean(),
      availability: nullable(Type.Number()),
      knownShare: nullable(Type.Number()),
      up_s: Type.Number(),
      down_s: Type.Number(),
      unknown_s: Type.Number(),
      maintenance_s: Type.Number(),
      outages: Type.Integer(),
      mtbf_s: nullable(Type.Number()),
      mttr_s: nullable(Type.Number()),
      latency_p50_ms: nullable(Type.Number()),
      latency_p95_ms: nullable(Type.Number()),
      latency_error: Type.Number({
        description:
          'relative error of the two percentiles, at most: 0 up to two days, of longer periods sketches are merged',
      }),
      loss_pct: nullable(Type.Number()),
    }),
  ),
})
export type UptimeAnswer = Static<typeof UptimeAnswer>

export const OutageAnswer = Type.Object({
  id: Type.String(),
  hotspot: Type.String(),
  from: ApiTime,
  to: Type.Optional(ApiTime),
  cause: Type.Optional(Type.String()),
  acknowledgedBy: Type.Optional(Type.String()),
  acknowledgedAt: Type.Optional(ApiTime),
  note: Type.Optional(Type.String()),
})
export type OutageAnswer = Static<typeof OutageAnswer>
export const OutagesAnswer = Type.Object({ outages: Type.Array(OutageAnswer), next: Next })
export type OutagesAnswer = Static<typeof OutagesAnswer>
export const Acknowledgement = Type.Object(
  {
    note: Type.Optional(
      Type.String({ maxLength: 500, pattern: PRINTABLE, description: 'up to 500 letters' }),
    ),
  },
  strict,
)

export const ReasonName = Type.Enum(Object.keys(QUARANTINE_REASONS) as QuarantineReason[])
export const QuarantineAnswer = Type.Object({
  messages: Type.Array(
    Type.Object({
      id: Type.Integer(),
      time: ApiTime,
      reason: ReasonName,
      detail: Type.String(),
      topic: Type.String(),
      device: nullable(Type.String()),
      payload: Type.String({ description: 'its first 4 KiB' }),
    }),
    { description: 'newest first' },
  ),
  next: Next,
})
export type QuarantineAnswer = Static<typeof QuarantineAnswer>

export const CountersAnswer = Type.Object({
  time: ApiTime,
  messages: Type.Object({
    received: Type.Integer(),
    acknowledged: Type.Integer(),
    refused: wholeCounts,
  }),
  observations: Type.Object({ received: Type.Integer(), taken: Type.Integer(), quarantined: wholeCounts }),
  readings: Type.Object({ stored: Type.Integer(), duplicates: Type.Integer(), conflicts: Type.Integer() }),
  lag_ms: Type.Number(),
  logBytes: Type.Integer(),
  window_s: Type.Optional(Type.Integer()),
  notes: Type.Optional(wholeCounts),
})
export type CountersAnswer = Static<typeof CountersAnswer>

const Health = Type.Object({ ok: Type.Boolean(), detail: Type.String() })
/** Addition: rates and sizes for the system page. */
export const SystemAnswer = Type.Object({
  time: ApiTime,
  parts: Type.Object({ broker: Health, ingest: Health, store: Health, dashboard: Health }),
  store: Type.Object({ name: Type.String(), bytes: nullable(Type.Integer()) }),
  log: Type.Object(
    {
      bytes: nullable(Type.Integer()),
      segments: nullable(Type.Integer()),
      lag_ms: nullable(Type.Number()),
    },
    { description: 'null while ingest is away: not known' },
  ),
  rates: Type.Object(
    { messages_per_s: nullable(Type.Number()), readings_per_s: nullable(Type.Number()) },
    { description: 'null while ingest is away: not known' },
  ),
  live: Type.Object({
    connected: Type.Boolean(),
    lastUpdate: nullable(ApiTime),
    browsers: Type.Integer(),
    devices: Type.Integer(),
  }),
  dashboard: Type.Object({ rss_bytes: Type.Integer(), uptime_s: Type.Number(), version: Type.String() }),
})
export type SystemAnswer = Static<typeof SystemAnswer>

export const AuditAnswer = Type.Object({
  entries: Type.Array(
    Type.Object({
      n: Type.Integer(),
      time: ApiTime,
      who: nullable(Type.String()),
      from: nullable(Type.String()),
      what: Type.String(),
      on: nullable(Type.String()),
      result: Type.String(),
      detail: Type.Optional(Type.String()),
    }),
    { description: 'newest first' },
  ),
  next: Next,
  whole: Type.Boolean({ description: 'false when a line was changed or is missing' }),
})
export type AuditAnswer = Static<typeof AuditAnswer>

export const NewMaintenance = Type.Object(
  {
    devices: Type.Union([Type.Literal('all'), Type.Array(DeviceIdText, { minItems: 1, maxItems: 1_000 })]),
    from: ApiTime,
    to: ApiTime,
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: PRINTABLE }),
  },
  strict,
)
export type NewMaintenance = Static<typeof NewMaintenance>
export const MaintenanceWindow = Type.Object({
  id: Type.String(),
  devices: Type.Union([Type.Literal('all'), Type.Array(Type.String())]),
  from: ApiTime,
  to: ApiTime,
  reason: Type.String(),
  by: Type.String(),
})
export type MaintenanceWindow = Static<typeof MaintenanceWindow>
export const MaintenanceAnswer = Type.Object({ windows: Type.Array(MaintenanceWindow) })
export type MaintenanceAnswer = Static<typeof MaintenanceAnswer>

const MetricText = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,40}$',
  description: '1 to 41 of a-z, 0-9 and _, beginning with a letter',
})
export const NewFlag = Type.Object(
  {
    device: DeviceIdText,
    metric: MetricText,
    from: ApiTime,
    to: ApiTime,
    flag: Type.Optional(FlagName),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: PRINTABLE })),
  },
  strict,
)
export type NewFlag = Static<typeof NewFlag>

export const FlagAnswer = Type.Object({
  id: Type.String(),
  device: Type.String(),
  metric: Type.String(),
  from: ApiTime,
  to: ApiTime,
  flag: FlagName,
  quality: Type.Enum(['suspect', 'bad'], {
    description:
      'QARTOD 3 and 4: suspect readings are kept in means, bad ones are left out of every mean, index and colour',
  }),
  rule: Type.Object(
    { name: Type.String(), version: Type.String() },
    { description: 'the test; `hand` is a person' },
  ),
  by: Type.Optional(Type.String({ description: 'who set it by hand' })),
  note: Type.Optional(Type.String()),
  set: ApiTime,
})
export type FlagAnswer = Static<typeof FlagAnswer>
export const FlagsAnswer = Type.Object({ flags: Type.Array(FlagAnswer), next: Next })
export type FlagsAnswer = Static<typeof FlagsAnswer>

const exceedanceMembers = {
  station: Type.String(),
  name: Type.String(),
  metric: Type.String(),
  averaging: Type.Enum(['1h', '8h', '24h'], { description: '8h: the highest 8 h mean of a local day' }),
}
export const ExceedancesAnswer = Type.Object({
  from: ApiTime,
  to: ApiTime,
  standard: Type.Enum(['pp22', 'who', 'ispu']),
  source: Type.String(),
  ...about,
  exceedances: Type.Array(
    Type.Object({
      ...exceedanceMembers,
      from: ApiTime,
      to: ApiTime,
      value: Type.Number(),
      unit: Type.String({ description: '`ug/m3`; `ISPU` for the index' }),
      limit: Type.Number({ description: 'above it is over; at it is not' }),
      completeness: Type.Number({ minimum: 0, maximum: 1 }),
      category: Type.Optional(Type.String()),
    }),
    { description: 'hours and local days that end in the period, oldest first' },
  ),
  tallies: Type.Array(
    Type.Object({
      ...exceedanceMembers,
      limit: Type.Number(),
      unit: Type.String({ description: 'of the limit' }),
      windows: Type.Integer({ description: 'means that end in the period' }),
      valid: Type.Integer({ description: 'those with three quarters of their data' }),
      over: Type.Integer(),
    }),
    { description: 'what was looked at, so that nothing over is told apart from nothing known' },
  ),
  next: Next,
})
export type ExceedancesAnswer = Static<typeof ExceedancesAnswer>
