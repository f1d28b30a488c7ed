import { describe, expect, it } from 'vitest'
import { BrokerPresence } from './broker-presence.ts'

function presence() {
  const told: string[] = []
  const broker = new BrokerPresence({
    listening: (since) => told.push(`listening ${since}`),
    away: (since) => told.push(`away ${since}`),
  })
  return { told, broker }
}

describe('when the broker listened', () => {
  it('is told by the log: a clean stop and the next start', () => {
    const { told, broker } = presence()
    broker.recordListening(1_000, null)
    broker.recordStopped(50_000)
    broker.recordListening(60_000, 50_000)
    expect(told).toEqual(['listening 1000', 'away 50000', 'listening 60000'])
  })

  it('after a death without a word is not known since the record before', () => {
    const { told, broker } = presence()
    broker.recordListening(1_000, null)
    broker.recordListening(60_000, 40_000)
    expect(told).toEqual(['listening 1000', 'away 40000', 'listening 60000'])
  })

  it('is told by the socket only once the log is read to its end', () => {
    const { told, broker } = presence()
    broker.recordListening(1_000, null)
    broker.gone(70_000)
    expect(told).toEqual(['listening 1000'])
    broker.settle()
    broker.settle()
    expect(told).toEqual(['listening 1000', 'away 70000'])
    expect(broker.isAway).toBe(true)
    broker.recordListening(80_000, 65_000)
    broker.there(79_990)
    broker.settle()
    expect(told).toEqual(['listening 1000', 'away 70000', 'listening 80000'])
  })

  it('goes on as it was when only the socket broke', () => {
    const { told, broker } = presence()
    broker.recordListening(1_000, null)
    broker.gone(70_000)
    broker.settle()
    broker.there(990)
    broker.settle()
    expect(told).toEqual(['listening 1000', 'away 70000', 'listening 1000'])
  })

  it('is told by the socket alone when its record was read before this start', () => {
    const { told, broker } = presence()
    broker.there(990)
    broker.settle()
    expect(told).toEqual(['listening 990'])
  })

  it('by the log stands when the socket told of a death meanwhile', () => {
    const { told, broker } = presence()
    broker.recordListening(1_000, null)
    broker.gone(70_000)
    broker.recordListening(80_000, 69_000)
    broker.settle()
    expect(told).toEqual(['listening 1000', 'away 69000', 'listening 80000'])
  })
})
