// What `GET /api/v1/explain` answers: how a number or a state that is shown came to be, down to the raw readings. One shape for air,
// connectivity and transit, so that one panel shows them all.

import Type, { type Static } from 'typebox'
import { Rule } from './about.ts'
import { ApiTime } from './api.ts'

const Shown = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()])

export const ExplanationInput = Type.Object({
  name: Type.String({ description: 'a metric, or a name that the rule gives it, in snake_case' }),
  value: Shown,
  unit: Type.Optional(
    Type.String({
      description:
        'of every number: `count` of things, empty of one without dimension; `time` when the value is one',
    }),
  ),
  time: Type.Optional(ApiTime),
  flag: Type.Optional(Type.String()),
})
export type ExplanationInput = Static<typeof ExplanationInput>

export const Explanation = Type.Object({
  subject: Type.Object({
    device: Type.Optional(Type.String()),
    stop: Type.Optional(Type.String()),
    route: Type.Optional(Type.String()),
    name: Type.Optional(Type.String({ description: 'name of the device or stop' })),
    value: Type.String({ description: 'what is explained: `state`, `availability`, a metric, an index…' }),
  }),
  value: Shown,
  unit: Type.Optional(Type.String()),
  time: Type.String({ format: 'date-time', description: 'of the value; of a period its end' }),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'begin of a period, included' })),
  rule: Rule,
  inputs: Type.Array(ExplanationInput, { description: 'in the order in which the rule takes them' }),
  completeness: Type.Object(
    {
      known: Type.Number(),
      needed: Type.Number(),
      share: Type.Number({ minimum: 0, maximum: 1 }),
      unit: Type.Optional(Type.String({ description: 'of known and needed: `s`; a count without it' })),
    },
    { description: 'how much of what the rule needs is there' },
  ),
  reason: Type.Optional(Type.String({ description: 'why the value is null, or why it is what it is' })),
  readings: Type.String({ description: 'path of the raw readings' }),
})
export type Explanation = Static<typeof Explanation>
