// Cuts the series that the sensors replay out of the published data sets: `node simulators/series/cut.mjs FOLDER`, where
// FOLDER holds airrohr-hcmc-nhabe-esp8266-12779556-2018-10.zip and PRSA_Data_Dongsi_20130301-20170228.csv.gz. Sources and
// licences are in DATA.md beside the results.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'

const folder = process.argv[2]
if (folder === undefined) throw new Error('usage: node simulators/series/cut.mjs FOLDER')
const here = new URL('.', import.meta.url)

/**
 * Ten days of the raw rows, about 149 s apart; times are UTC. Of the dust the running median: peaks of a minute or two are smoke at the one
 * instrument's door, or its faults, and are not to come to every station of a village.
 */
function cutAirRohr() {
  const archive = unzipSync(readFileSync(join(folder, 'airrohr-hcmc-nhabe-esp8266-12779556-2018-10.zip')))
  const rows = Object.keys(archive)
    .sort()
    .flatMap((name) => new TextDecoder().decode(archive[name]).trim().split('\n').slice(1))
    .map((line) => line.split(';'))
    .map((cells) => ({ time: Date.parse(`${cells[0].replaceAll('/', '-').replace(' ', 'T')}Z`), cells }))
    .filter(({ time }) => time >= Date.UTC(2018, 9, 10) && time < Date.UTC(2018, 9, 20))
    .sort((a, b) => a.time - b.time)
  const [fine, coarse] = [8, 7].map((column) => runningMedian(rows.map(({ cells }) => Number(cells[column]))))
  const lines = rows.map(({ time, cells }, index) =>
    [(time - Date.UTC(2018, 9, 10)) / 1000, fine[index], coarse[index], cells[11], cells[21]].join(','),
  )
  write('airrohr-hcmc-2018-10.csv', 'second,pm2_5,pm10,temperature,rssi_dbm', lines)
}

/** Over 7 rows, a little more than a quarter of an hour. */
function runningMedian(values) {
  return values.map((_, index) => median(values.slice(Math.max(0, index - 3), index + 4)))
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** Sixty days of hours from 1 June 2016; hours are local (UTC+8). `NA` becomes an empty cell. */
function cutBeijing() {
  const text = gunzipSync(readFileSync(join(folder, 'PRSA_Data_Dongsi_20130301-20170228.csv.gz'))).toString()
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.replaceAll('"', '').split(','))
  const start = Date.UTC(2016, 5, 1)
  const lines = rows
    .map((cells) => ({ time: Date.UTC(cells[1], cells[2] - 1, cells[3], cells[4]), cells }))
    .filter(({ time }) => time >= start && time < start + 60 * 86_400_000)
    .map(({ time, cells }) => [
      (time - start) / 3_600_000,
      ...cells.slice(5, 13),
      cells[14],
      cells[16].trim(),
    ])
    .map((cells) => cells.map((cell) => (cell === 'NA' ? '' : cell)).join(','))
  write(
    'beijing-dongsi-2016-06.csv',
    'hour,pm2_5,pm10,so2,no2,co,o3,temperature,pressure,rain_mm,wind_ms',
    lines,
  )
}

function write(name, header, lines) {
  writeFileSync(new URL(name, here), `${header}\n${lines.join('\n')}\n`)
  console.log(`${name}: ${lines.length} rows`)
}

cutAirRohr()
cutBeijing()
