// Between mqtt-packet's parser and Aedes: each packet is looked at by `packetFault` before Aedes gets it.

import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import { type Parser, stateOf } from './aedes-inside.ts'
import { packetFault } from './packet-faults.ts'

const UNKNOWN_LEVEL = 'Invalid protocol version'
/** CONNACK with code 1, unacceptable protocol level [MQTT-3.1.2-2]. */
const WRONG_LEVEL = Buffer.of(0x20, 2, 0, 1)

/** Has each packet of a connection looked at by `packetFault` before Aedes gets it. */
export function checkPackets(client: Client): void {
  const { _parser } = stateOf(client)
  _parser._newPacket = newCheckedPacket
  _parser._emitError = emitError
}

const prototypeOf = (parser: Parser): Parser => Object.getPrototypeOf(parser) as Parser

function newCheckedPacket(this: Parser): boolean {
  const { packet } = this
  const fault = packet.bridgeMode === true ? UNKNOWN_LEVEL : packetFault(packet, this._pos)
  if (fault === null) return prototypeOf(this)._newPacket.call(this)
  this._emitError(new Error(fault))
  return false
}

function emitError(this: Parser, error: Error): void {
  const { client } = this
  const isAnswered = error.message === UNKNOWN_LEVEL && !client.connecting && !client.connected
  if (!isAnswered) {
    prototypeOf(this)._emitError.call(this, error)
    return
  }
  // The connection is destroyed with the error, so the answer goes first, and nothing more is read [MQTT-3.1.4-5].
  this.error = error
  stateOf(client)._paused = true
  ;(client.conn as Duplex).write(WRONG_LEVEL)
  setImmediate(() => prototypeOf(this)._emitError.call(this, error))
}
