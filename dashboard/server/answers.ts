// Answers that do not come from a handler's return value: text that is JSON already, and 304.

/** What these need of Fastify's reply, whatever schema its route has. */
interface Reply {
  code(status: number): Reply
  type(type: string): Reply
  header(name: string, value: string): Reply
  send(body?: unknown): Reply
}

export function sendJsonText<R extends Reply>(reply: R, text: string): R {
  reply.type('application/json; charset=utf-8').send(text)
  return reply
}

export function sendNotModified<R extends Reply>(reply: R): R {
  reply.code(304).send()
  return reply
}

/** 204: done, and there is nothing to say. */
export function sendNothing<R extends Reply>(reply: R): R {
  reply.code(204).send()
  return reply
}
