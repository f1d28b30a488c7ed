// A change that a signed-in person makes: carried out, written in the audit log, and known at once to this process and to
// ingest, which would notice by itself within a second.

import type { FastifyRequest } from 'fastify'
import type { Context } from './context.ts'
import { signedIn } from './routes/session.ts'

export interface ChangeName {
  /** `device.add`… */
  readonly what: string
  /** Whom or what it is done to. */
  readonly on: string
  /** Never a secret. */
  readonly detail?: string
}

/** Does `change` in the name of whoever asks; a refusal is written down too. */
export async function changeAs<T>(
  context: Context,
  request: FastifyRequest,
  name: ChangeName,
  change: () => Promise<T>,
): Promise<T> {
  const event = { who: signedIn(request.viewer).account.name, from: request.ip, ...name }
  try {
    const result = await change()
    await context.audit.append({ ...event, result: 'done' })
    return result
  } catch (error) {
    await context.audit.append({ ...event, result: 'refused' })
    throw error
  } finally {
    context.refreshRegistry()
  }
}

/** Tells ingest that the registry changed. What goes wrong with it is nobody's loss: ingest looks by itself too. */
export async function tellIngest(context: Context): Promise<void> {
  await context.feed.call('registryChanged', {}).catch(() => undefined)
}
