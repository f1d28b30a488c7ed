// Corrections of low-cost optical PM2.5 sensors (domain A6). One of them at most is applied, the value as sent is always kept, and the
// method is stored with what it gave. The US-wide ones hold for sensors of the kind of Plantower's PMS5003 only.

/** US-wide correction of 2021 from the mean of the two channels' cf_1 in ug/m3 and relative humidity in %, as the sensor reports it;
 * a negative result is 0, without humidity there is no correction: null. Barkjohn et al. 2021, AMT 14:4617. */
export function correctBarkjohn2021(cf1UgM3: number, humidityPct: number | null): number | null {
  return humidityPct === null ? null : Math.max(0, 0.524 * cf1UgM3 - 0.0862 * humidityPct + 5.75)
}

/** By where the value lies: below 30, 30 to 50, 50 to 210, 210 to 260, from 260. `p` in ug/m3, `rh` in %. */
const EPA_2022: readonly { readonly below: number; readonly corrected: (p: number, rh: number) => number }[] =
  [
    { below: 30, corrected: (p, rh) => 0.524 * p - 0.0862 * rh + 5.75 },
    {
      below: 50,
      corrected: (p, rh) => {
        const x = p / 20 - 3 / 2
        return (0.786 * x + 0.524 * (1 - x)) * p - 0.0862 * rh + 5.75
      },
    },
    { below: 210, corrected: (p, rh) => 0.786 * p - 0.0862 * rh + 5.75 },
    {
      below: 260,
      corrected: (p, rh) => {
        const x = p / 50 - 21 / 5
        const slope = 0.69 * x + 0.786 * (1 - x)
        return slope * p - 0.0862 * rh * (1 - x) + 2.966 * x + 5.75 * (1 - x) + 0.000884 * p ** 2 * x
      },
    },
    { below: Number.POSITIVE_INFINITY, corrected: (p) => 2.966 + 0.69 * p + 0.000884 * p ** 2 },
  ]

/** US-wide correction extended in 2022, from cf_atm in ug/m3 (disagreement D-7: the one of 2021 takes cf_1) and relative humidity in
 * %; a negative result is 0, without humidity null. MazamaScience/AirSensor2, `R/pat_applyCorrection.R`. */
export function correctEpa2022(cfAtmUgM3: number, humidityPct: number | null): number | null {
  if (humidityPct === null) return null
  const piece = EPA_2022.find(({ below }) => cfAtmUgM3 < below)
  return piece === undefined ? null : Math.max(0, piece.corrected(cfAtmUgM3, humidityPct))
}

/** Hygroscopicity as Crilley et al. fitted it for PM2.5; fit it on a co-location of two weeks before trusting it elsewhere. */
export const KAPPA = 0.38
/** Density of the dry particle over that of water. */
const DENSITY = 1.65
/** Humidity beyond this is taken as this: the growth has a pole at saturation. */
const MOST_HUMID_PCT = 95

/** Water taken out by kappa-Koehler theory, for any optical sensor: ug/m3 of dry PM2.5; at or below 0 % the value is unchanged,
 * without humidity null. Crilley et al. 2018, AMT 11:709. */
export function correctKappa(
  pmUgM3: number,
  humidityPct: number | null,
  kappa: number = KAPPA,
): number | null {
  if (humidityPct === null) return null
  if (humidityPct <= 0) return pmUgM3
  const waterActivity = Math.min(humidityPct, MOST_HUMID_PCT) / 100
  return pmUgM3 / (1 + kappa / DENSITY / (1 / waterActivity - 1))
}

const CHANNELS_APART_UG_M3 = 5
const CHANNELS_APART_SHARE = 0.61

/** True when the two channels of a sensor disagree: more than 5 ug/m3 and more than 61 % of their mean apart (Barkjohn's daily
 * criterion). Such a value is SUSPECT. */
export function channelsDisagree(aUgM3: number, bUgM3: number): boolean {
  const apart = Math.abs(aUgM3 - bUgM3)
  return apart > CHANNELS_APART_UG_M3 && apart > CHANNELS_APART_SHARE * ((aUgM3 + bUgM3) / 2)
}
