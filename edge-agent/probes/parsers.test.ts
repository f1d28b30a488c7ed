import { describe, expect, test } from 'vitest'
import { busyShare } from './channel.ts'
import { clientValues } from './clients.ts'
import { busyPct, parseCpuTimes } from './cpu.ts'
import { linkValues, summarise } from './echoes.ts'
import { parseMemoryPct } from './memory.ts'
import { parsePing } from './ping.ts'
import { formatTarget, parseTarget } from './target.ts'
import { pickTemperature } from './temperature.ts'
import { parseUptime } from './uptime.ts'
import { parseAllStations } from './wifi/hostapd.ts'
import { parseAccessPoints, parseStationDump, parseSurvey } from './wifi/iw.ts'
import { parseGetClients } from './wifi/ubus.ts'

describe('ping', () => {
  // The first, second, fourth and fifth were printed by iputils 20221126 and BusyBox 1.35.0; the others are put together from
  // the lines that these programs print.
  test.each([
    {
      name: 'iputils',
      text: `PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.309 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.032 ms
64 bytes from 127.0.0.1: icmp_seq=3 ttl=64 time=0.036 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 2041ms
rtt min/avg/max/mdev = 0.032/0.125/0.309/0.129 ms
`,
      echoes: { sent: 3, rttsMs: [0.309, 0.032, 0.036] },
    },
    {
      name: 'BusyBox',
      text: `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.020 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.060 ms
64 bytes from 127.0.0.1: seq=2 ttl=64 time=0.061 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.020/0.047/0.061 ms
`,
      echoes: { sent: 3, rttsMs: [0.02, 0.06, 0.061] },
    },
    {
      name: 'iputils, one lost, one twice, out of order, with a name',
      text: `PING one.one.one.one (1.1.1.1) 56(84) bytes of data.
64 bytes from one.one.one.one (1.1.1.1): icmp_seq=1 ttl=57 time=21.4 ms
64 bytes from one.one.one.one (1.1.1.1): icmp_seq=4 ttl=57 time=24.0 ms
64 bytes from one.one.one.one (1.1.1.1): icmp_seq=2 ttl=57 time=2043 ms
64 bytes from one.one.one.one (1.1.1.1): icmp_seq=2 ttl=57 time=2044 ms (DUP!)

--- one.one.one.one ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3005ms
rtt min/avg/max/mdev = 21.4/696.1/2043.0/952.5 ms, pipe 3
`,
      echoes: { sent: 4, rttsMs: [21.4, 2043, 24] },
    },
    {
      name: 'iputils, unreachable',
      text: `PING 10.255.255.1 (10.255.255.1) 56(84) bytes of data.
From 21.4.2.201 icmp_seq=1 Destination Port Unreachable

--- 10.255.255.1 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`,
      echoes: { sent: 1, rttsMs: [] },
    },
    {
      name: 'BusyBox, silence',
      text: `PING 10.255.255.1 (10.255.255.1): 56 data bytes

--- 10.255.255.1 ping statistics ---
2 packets transmitted, 0 packets received, 100% packet loss
`,
      echoes: { sent: 2, rttsMs: [] },
    },
    { name: 'a name that does not resolve', text: '', echoes: { sent: 5, rttsMs: [] } },
    {
      name: 'IPv6',
      text: `PING ::1(::1) 56 data bytes
64 bytes from ::1: icmp_seq=1 ttl=64 time=0.185 ms
`,
      echoes: { sent: 5, rttsMs: [0.185] },
    },
  ])('$name is read', ({ text, echoes }) => {
    expect(parsePing(text, 5)).toEqual(echoes)
  })
})

describe('link', () => {
  test('jitter is the mean difference of one answer to the next (RFC 3550 D, unsmoothed)', () => {
    expect(summarise({ sent: 4, rttsMs: [20, 26, 22] })).toEqual({
      latencyMs: 68 / 3,
      jitterMs: 5,
      lossPct: 25,
    })
    expect(summarise({ sent: 1, rttsMs: [20] }).jitterMs).toBeNull()
  })

  test('the target with the least loss, then the least latency, speaks for the link', () => {
    const values = linkValues([
      { sent: 4, rttsMs: [] },
      { sent: 4, rttsMs: [5, 5, 5] },
      { sent: 4, rttsMs: [30, 30, 30, 30] },
      { sent: 4, rttsMs: [20, 20, 20, 20] },
    ])
    expect(values).toEqual({ up: 1, latency_ms: 20, jitter_ms: 0, loss_pct: 0 })
  })

  test('when no target answers the link is down, all is lost, and there is no latency', () => {
    expect(
      linkValues([
        { sent: 4, rttsMs: [] },
        { sent: 4, rttsMs: [] },
      ]),
    ).toEqual({ up: 0, loss_pct: 100 })
  })

  test('without targets nothing is said', () => {
    expect(linkValues([])).toEqual({})
  })
})

describe('targets', () => {
  test.each([
    ['1.1.1.1', { host: '1.1.1.1', port: null }],
    ['gw.example.net', { host: 'gw.example.net', port: null }],
    ['localhost:8080', { host: 'localhost', port: 8080 }],
    ['2606:4700:4700::1111', { host: '2606:4700:4700::1111', port: null }],
    ['[2606:4700:4700::1111]:443', { host: '2606:4700:4700::1111', port: 443 }],
  ])('%s is one', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
    expect(formatTarget(target)).toBe(text)
  })

  test.each([
    '',
    '-f',
    '-c1',
    'a b',
    'host:0',
    'host:70000',
    'host:',
    '[1.1.1.1]:80',
    '1.1.1.1/24',
    '1.1.1',
    'a..b',
    'x;reboot',
    '$(reboot)',
    'fe80::1%eth0',
    '[::1',
    '-x.example',
  ])('%j is none', (text) => {
    expect(parseTarget(text)).toBeNull()
  })
})

// The forms are those of iw 5.19 (nl80211 station, interface and survey printing), the addresses made up.
const IW_DEV = `phy#1
	Interface wlan1
		ifindex 12
		wdev 0x100000002
		addr 44:d1:fa:00:00:13
		type managed
		txpower 20.00 dBm
	Unnamed/non-netdev interface
		wdev 0x100000003
		addr 44:d1:fa:00:00:14
		type AP
phy#0
	Interface wlan0
		ifindex 11
		wdev 0x2
		addr 44:d1:fa:00:00:03
		ssid type AP
		type AP
		channel 6 (2437 MHz), width: 20 MHz, center1: 2437 MHz
		txpower 20.00 dBm
		multicast TXQ:
			qsz-byt	qsz-pkt	flows	drops	marks	overlmt	hashcol	tx-bytes	tx-packets
			0	0	0	0	0	0	0	0		0
`

const STATION_DUMP = `Station b0:e1:7e:00:00:01 (on wlan0)
	inactive time:	304 ms
	rx bytes:	1133447
	rx packets:	9212
	tx bytes:	16448820
	tx packets:	13201
	tx retries:	0
	tx failed:	2
	signal:  	-61 [-63, -66] dBm
	signal avg:	-60 [-62, -65] dBm
	tx bitrate:	144.4 MBit/s MCS 15 short GI
	authorized:	yes
	authenticated:	yes
	associated:	yes
	connected time:	1877 seconds
Station b0:e1:7e:00:00:02 (on wlan0)
	inactive time:	20 ms
	signal:  	-70 dBm
	authorized:	yes
Station b0:e1:7e:00:00:03 (on wlan0)
	inactive time:	10 ms
	signal:  	-40 dBm
	authorized:	no
Station b0:e1:7e:00:00:04 (on wlan0)
	authorized:	yes
	signal:	-33 dBm
	signal avg:	-50 dBm
	Link 0:
		Address: b0:e1:7e:00:00:05
		signal:	-10 dBm
		signal avg:	-10 dBm
`

const ALL_STA = `b0:e1:7e:00:00:01
flags=[AUTH][ASSOC][AUTHORIZED][SHORT_PREAMBLE][WMM][HT]
aid=1
capability=0x1431
listen_interval=10
supported_rates=82 84 8b 96 24 30 48 6c 0c 12 18 60
timeout_next=NULLFUNC POLL
dot11RSNAStatsSTAAddress=b0:e1:7e:00:00:01
dot11RSNAStatsVersion=1
rx_packets=9212
tx_packets=13201
inactive_msec=304
signal=-61
connected_time=1877
B0:E1:7E:00:00:02
flags=[AUTH][ASSOC]
aid=2
signal=-45
b0:e1:7e:00:00:03
flags=[AUTH][ASSOC][AUTHORIZED]
signal=0
`

const GET_CLIENTS = `{
	"freq": 2437,
	"clients": {
		"b0:e1:7e:00:00:01": {
			"auth": true, "assoc": true, "authorized": true, "preauth": false, "wds": false, "wmm": true,
			"rrm": [0,0,0,0,0], "extended_capabilities": [4,0,10], "aid": 1, "signature": "wifi4|probe",
			"bytes": { "rx": 1133447, "tx": 16448820 }, "rate": { "rx": 144400, "tx": 144400 }, "signal": -61
		},
		"b0:e1:7e:00:00:02": { "auth": true, "assoc": true, "authorized": false, "signal": -30 },
		"b0:e1:7e:00:00:03": { "auth": true, "assoc": true, "authorized": true, "signal": -71 }
	}
}
`

describe('clients', () => {
  test('iw: access points are found by their type, not by what an SSID says', () => {
    expect(parseAccessPoints(IW_DEV)).toEqual(['wlan0'])
    expect(parseAccessPoints('')).toEqual([])
  })

  test.each([
    { name: 'iw', association: parseStationDump(STATION_DUMP), clients: 3, rssi: (-60 - 70 - 50) / 3 },
    { name: 'hostapd_cli', association: parseAllStations(ALL_STA), clients: 2, rssi: -61 },
    { name: 'ubus', association: parseGetClients(GET_CLIENTS), clients: 2, rssi: -66 },
  ])(
    '$name: those that are authorized are counted, their signal is averaged',
    ({ association, clients, rssi }) => {
      expect(association).not.toBeNull()
      if (association !== null) expect(clientValues(association)).toEqual({ clients, rssi_dbm: rssi })
    },
  )

  test('no address leaves a parser, in any form', () => {
    const out = JSON.stringify([
      parseStationDump(STATION_DUMP),
      parseAllStations(ALL_STA),
      parseGetClients(GET_CLIENTS),
    ])
    expect(out.toLowerCase()).not.toMatch(/b0.?e1.?7e/)
    expect(out).not.toMatch(/[0-9a-f]{2}[:-][0-9a-f]{2}[:-]/i)
  })

  test('nobody is a count of 0 without a signal', () => {
    expect(clientValues(parseStationDump(''))).toEqual({ clients: 0 })
    expect(clientValues(parseAllStations(''))).toEqual({ clients: 0 })
    const none = parseGetClients('{"freq":2437,"clients":{}}')
    expect(none === null ? null : clientValues(none)).toEqual({ clients: 0 })
  })

  test.each(['', 'Command failed: Not found', '{"freq":2437}', '[]', '{"clients":[1]}'])(
    'ubus: %j is no answer',
    (text) => {
      expect(parseGetClients(text)).toBeNull()
    },
  )
})

describe('channel', () => {
  // Printed by the carl9170 driver's survey, as in its commit message; the second block is a channel not in use.
  const SURVEY = `Survey data from wlan22
	frequency:			2417 MHz
	noise:				-86 dBm
	channel active time:		70 ms
	channel busy time:		2 ms
	channel transmit time:		1 ms
Survey data from wlan22
	frequency:			2412 MHz [in use]
	noise:				-86 dBm
	channel active time:		3339608 ms
	channel busy time:		270982 ms
	channel transmit time:		121515 ms
`
  test('the channel in use is read', () => {
    expect(parseSurvey(SURVEY)).toEqual({ activeMs: 3_339_608, busyMs: 270_982 })
    expect(parseSurvey('Survey data from wlan0\n\tfrequency:\t2412 MHz [in use]\n')).toBeNull()
  })

  test('its use is that between two rounds, unknown at first and after a reset', () => {
    const before = { activeMs: 1_000, busyMs: 100 }
    expect(busyShare(undefined, before)).toBeNull()
    expect(busyShare(before, { activeMs: 61_000, busyMs: 15_100 })).toBe(0.25)
    expect(busyShare(before, { activeMs: 500, busyMs: 20 })).toBeNull()
    expect(busyShare(before, before)).toBeNull()
  })
})

describe('the machine', () => {
  test('uptime is the first number', () => {
    expect(parseUptime('803211.42 1578032.10\n')).toBe(803_211.42)
    expect(parseUptime('')).toBeNull()
  })

  test('busy is all but idle and iowait', () => {
    const before = parseCpuTimes('cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 1 1 1\n')
    const now = parseCpuTimes('cpu  130 0 60 840 70 0 0 0 30 0\n')
    expect(before).toEqual({ busy: 150, total: 1_000 })
    // 40 of 100 ticks: guest time (30) is counted in user already (proc(5)).
    expect(busyPct(before, now)).toBe(40)
    expect(busyPct(now, now)).toBeNull()
    expect(busyPct(null, now)).toBeNull()
    expect(parseCpuTimes('intr 1 2 3')).toBeNull()
  })

  test.each([
    { text: 'MemTotal:  200000 kB\nMemFree:  50000 kB\nMemAvailable:  150000 kB\n', percent: 25 },
    {
      text: 'MemTotal:  200000 kB\nMemFree:  50000 kB\nBuffers:   20000 kB\nCached:   30000 kB\n',
      percent: 50,
    },
    { text: 'MemTotal:  200000 kB\n', percent: null },
    { text: '', percent: null },
  ])('memory in use of $text is $percent %', ({ text, percent }) => {
    expect(parseMemoryPct(text)).toBe(percent)
  })

  test('the processor goes before the rest, and what cannot be is left out', () => {
    const zone = (type: string, text: string | null) => ({ type, text })
    expect(pickTemperature([zone('wifi\n', '71000\n'), zone('cpu-thermal\n', '54321\n')])).toBe(54.321)
    expect(pickTemperature([zone('a', '40000'), zone('b', '45500')])).toBe(45.5)
    expect(pickTemperature([zone('cpu', '-274000'), zone('acpitz', '30000')])).toBe(30)
    expect(pickTemperature([zone('cpu', null), zone('cpu', 'N/A')])).toBeNull()
    expect(pickTemperature([])).toBeNull()
  })
})
