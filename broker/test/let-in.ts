// A device that the broker lets in: the registry is read anew within a second of being changed.

import type { MqttClient } from 'mqtt'
import type { DeviceCredentials } from '../../runtime/devices.ts'
import { until } from './until.ts'

interface Door {
  device(id: string): Promise<DeviceCredentials>
  connect(device: DeviceCredentials): Promise<MqttClient>
}

/** Registers a device and waits until it can connect. */
export async function letIn(broker: Door, id: string): Promise<DeviceCredentials> {
  const device = await broker.device(id)
  await until(async () =>
    broker
      .connect(device)
      .then((client) => client.endAsync())
      .then(() => true)
      .catch(() => false),
  )
  return device
}
