// Signing in and out (contract section 4). The answer to a wrong name and to a wrong password is the same, and takes as
// long; guessing is throttled; a page of another site can neither sign in nor out.

import { SessionAnswer, SignIn } from '../../../contract/api-staff.ts'
import type { Account } from '../../../contract/registry.ts'
import { formatTime, SECOND } from '../../../contract/time.ts'
import { BusyError, passwordMatches } from '../../../runtime/secrets.ts'
import { clearedSession, type Viewer } from '../access.ts'
import { sendNothing } from '../answers.ts'
import type { App, Context } from '../context.ts'
import { formatCookie } from '../cookies.ts'
import { knownBrowser, rememberBrowser } from '../known-browser.ts'
import { networkOf } from '../rate-limit.ts'
import { Refusal, tooMany, wrongParameter } from '../refusal.ts'
import { createSecondFactors } from '../second-factors.ts'
import { LONGEST_MS, SESSION_COOKIE } from '../sessions.ts'
import { createSignInThrottle, type SignInAttempt } from '../sign-in-throttle.ts'

/** Readable by the page's script, and worth nothing to anybody: it says that asking who one is makes sense. */
const SIGNED_IN_COOKIE = 'pantau_signed_in'
const MOST_PASSWORD_BYTES = 1_024

export function registerSessionRoutes(app: App, context: Context): void {
  const throttle = createSignInThrottle(context.clock)
  const factors = createSecondFactors(context.clock)
  const { secure } = context

  app.route({
    method: 'POST',
    url: '/api/v1/session',
    config: { access: 'public' },
    schema: { summary: 'Sign in: 204 and a cookie', body: SignIn },
    handler: async (request, reply) => {
      const { name, password, code } = request.body
      if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES) {
        throw wrongParameter('password', `password is longer than ${MOST_PASSWORD_BYTES} bytes`)
      }
      const attempt: SignInAttempt = {
        name,
        address: networkOf(request.ip),
        knownBrowser: knownBrowser(context.key, request.headers.cookie, name),
      }
      const lockedMs = throttle.lockedMs(attempt)
      if (lockedMs !== null) throw tooManyFailures(lockedMs)
      const account = await checkPassword(context, name, password)
      const event = { who: name, from: request.ip, what: 'session.begin', on: null }
      const passed = account === null ? 'no' : factors.passes(account, code)
      // Whoever has the password is told what else is asked for; a code that is guessed counts as a password does.
      if (passed === 'code-missing') {
        await context.audit.append({ ...event, result: 'refused', detail: 'no code' })
        throw new Refusal(401, 'the account asks for a code of its authenticator app', { parameter: 'code' })
      }
      if (account === null || passed === 'no') {
        const waitMs = throttle.failed(attempt)
        await context.audit.append({ ...event, result: 'refused' })
        if (waitMs !== null) throw tooManyFailures(waitMs)
        throw new Refusal(401, 'the name, the password or the code is wrong')
      }
      throttle.succeeded(attempt)
      await context.audit.append({ ...event, result: 'done' })
      const lasting = { maxAgeS: LONGEST_MS / SECOND, secure }
      reply.header('set-cookie', [
        formatCookie(SESSION_COOKIE, context.sessions.begin(account), { ...lasting, httpOnly: true }),
        formatCookie(SIGNED_IN_COOKIE, '1', { ...lasting, httpOnly: false }),
        rememberBrowser(context.key, name, attempt.knownBrowser, secure),
      ])
      reply.header('cache-control', 'no-store')
      return sendNothing(reply)
    },
  })

  app.route({
    method: 'GET',
    url: '/api/v1/session',
    config: { access: 'any' },
    schema: { summary: 'Who am I', response: { 200: SessionAnswer } },
    handler: async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { account, role, by, until } = signedIn(request.viewer)
      return { name: account.name, role, by, ...(until === null ? {} : { until: formatTime(until) }) }
    },
  })

  app.route({
    method: 'DELETE',
    url: '/api/v1/session',
    config: { access: 'any' },
    schema: { summary: 'Sign out' },
    handler: async (request, reply) => {
      const { account, sessionDigest } = signedIn(request.viewer)
      if (sessionDigest !== null) context.sessions.end(sessionDigest)
      const event = { who: account.name, from: request.ip, what: 'session.end', on: null }
      await context.audit.append({ ...event, result: 'done' })
      reply.header('set-cookie', [
        clearedSession(secure),
        formatCookie(SIGNED_IN_COOKIE, '', { maxAgeS: 0, secure, httpOnly: false }),
      ])
      return sendNothing(reply)
    },
  })
}

/** Who asks, on a route that only the signed-in reach. */
export function signedIn(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new Error('a route for the signed-in was reached by nobody')
  return viewer
}

function tooManyFailures(waitMs: number): Refusal {
  return tooMany('too many failed sign-ins; wait, or use a browser that has signed in before', waitMs)
}

async function checkPassword(context: Context, name: string, password: string): Promise<Account | null> {
  const account = context.registry().accounts.find((other) => other.name === name)
  try {
    // Without an account a hash is computed all the same: the time tells nothing.
    const matches = await passwordMatches(password, account?.passwordHash ?? null)
    return matches && account !== undefined ? account : null
  } catch (error) {
    if (error instanceof BusyError) throw tooMany('many are signing in at once; try again', 2 * SECOND)
    throw error
  }
}
