// What the pages say that only the server writes; what they share with the live page is in its own table.

import type { Language } from '../../web/format.ts'

const id = {
  'share.title': 'Untuk layar, situs, dan papan',
  'share.lead': 'Keadaan {village} di tempat lain, tanpa membuka peta. Tempat: {place}.',
  'share.kiosk': 'Layar di kantor atau di halte',
  'share.kioskVillage': 'Layar desa',
  'share.kioskStop': 'Layar halte {name}',
  'share.embed': 'Kartu untuk situs lain',
  'share.embedHow': 'Salin satu baris ini ke halaman situs:',
  'share.poster': 'Poster A4 dengan kode QR',
  'share.posterOf': 'Poster untuk {name}',
  'share.feeds': 'Rencana pemeliharaan',
  'share.atom': 'Umpan Atom',
  'share.ical': 'Kalender (iCal)',
  'share.noPlace': 'Poster adalah untuk satu titik atau satu halte: pilih dahulu tempatnya di',
  'address.local':
    'Alamat {address} hanya berlaku di komputer ini. Bukalah halaman ini lewat alamat yang dipakai warga, baru cetak atau salin.',
  'gone.title': 'Halaman ini tidak ada',
  'gone.text':
    'Mungkin alamatnya salah ketik, atau halte atau titik itu sudah tidak ada. Dari sini Anda dapat ke:',
  'fault.title': 'Halaman ini belum dapat dibuka',
  'fault.text': 'Coba lagi sebentar lagi. Bila tetap begini, kabari pengelola. Dari sini Anda dapat ke:',
  'kiosk.title': 'Layar {village}',
  'kiosk.stop': 'Kedatangan di {name}',
  'kiosk.cut': 'Layar ini terputus dari layanan. Data terakhir pukul {time}.',
  'embed.open': 'Buka peta',
  'poster.scan': 'Pindai dengan kamera ponsel',
  'poster.hotspot': 'Wi-Fi publik gratis',
  'poster.stop': 'Halte bus dan angkot',
  'poster.sensor': 'Stasiun pemantauan',
  'poster.what':
    'Lihat keadaannya sekarang: Wi-Fi terdekat, udara, dan bus berikutnya. Tanpa aplikasi, tanpa akun.',
  'poster.routes': 'Rute di halte ini',
  'poster.print': 'Cetak halaman ini pada kertas A4 (Ctrl+P, atau menu Cetak di peramban).',
  'poster.none': 'Pilih dahulu satu titik, stasiun, atau halte.',
  'poster.pick': 'Pilih tempat',
  'work.feed': 'Rencana pemeliharaan Wi-Fi {village}',
  'work.one': 'Pemeliharaan: {names}',
  'work.all': 'semua perangkat',
  'work.more': '{names} dan {n} perangkat lain',
  'work.text':
    'Dari {from} sampai {to}. Selama itu titik dapat mati; waktu ini tidak dihitung sebagai gangguan.',
  'privacy.lead':
    'Halaman ini disusun oleh program dari daftar yang juga menentukan apa yang keluar dari server. Yang tidak ada di daftar tidak ditampilkan.',
  'privacy.shown': 'Yang dapat dilihat semua orang',
  'privacy.shownOf': 'Dari setiap perangkat (titik Wi-Fi, sensor, kendaraan), bukan dari orang:',
  'privacy.field': 'Bagian',
  'privacy.meaning': 'Arti',
  'privacy.kept': 'Yang hanya dilihat petugas',
  'privacy.people': 'Hitungan orang',
  'privacy.peopleText':
    'Jumlah pengguna dan penumpang adalah hitungan saja, tanpa alamat perangkat. Di bawah {n} hanya ditulis "<{n}". Pantau tidak menerima alamat MAC, nama, atau nomor siapa pun.',
  'privacy.browser': 'Yang disimpan di peramban Anda',
  'privacy.cookie.pantau_lang': 'bahasa yang Anda pilih',
  'privacy.cookie.pantau_place': 'kode tempat umum yang Anda pilih (halte, titik, stasiun); bukan koordinat',
  'privacy.cookie.pantau_session': 'hanya petugas yang masuk: tanda masuk, tidak dapat dibaca halaman',
  'privacy.cookie.pantau_signed_in': 'hanya petugas yang masuk: petunjuk bahwa tanda masuk ada',
  'privacy.local': 'tema yang Anda pilih, dan keadaan terakhir peta untuk dibuka tanpa jaringan',
  'privacy.location': 'Lokasi Anda',
  'privacy.locationText':
    'Hanya ditanyakan saat Anda menekan "Lokasi saya". Lokasi tetap di peramban, tidak dikirim, dan tidak masuk ke alamat halaman.',
  'privacy.others': 'Pihak lain',
  'privacy.othersText':
    'Halaman ini tidak memuat apa pun dari situs lain: tanpa iklan, tanpa penghitung kunjungan, tanpa peta asing.',
  'privacy.othersTiles':
    'Peta dasar dimuat dari {host}; host itu melihat alamat jaringan Anda. Selain itu tidak ada.',
  'privacy.ask': 'Tanya langsung',
  'privacy.askText': 'Apa yang tertulis di sini dapat diperiksa: bukalah',
  'field.id': 'kode perangkat',
  'field.geometry': 'letak perangkat',
  'field.kind': 'jenis perangkat',
  'field.name': 'nama perangkat atau tempatnya',
  'field.simulated': 'apakah perangkat ini simulasi',
  'field.state': 'keadaan sekarang',
  'field.since': 'sejak kapan keadaan itu',
  'field.cause': 'sebab keadaan itu',
  'field.lastSeen': 'kapan terakhir memberi kabar',
  'field.expect_every_s': 'seberapa sering seharusnya memberi kabar',
  'field.parent': 'perangkat tempat ia bergantung',
  'field.radius_m': 'perkiraan jangkauan',
  'field.values': 'nilai terakhir setiap ukuran, dengan waktu dan satuan',
  'field.air': 'indeks udara dan penyusunnya',
  'field.transit': 'rute, arah, laju, dan kepadatan kendaraan',
  'field.clockOffset_ms': 'selisih jam perangkat',
  'field.conflicts': 'berapa kali nilai yang sama datang berbeda',
  'field.cloneSuspected': 'apakah kredensialnya tampak dipakai dua alat',
  'methods.lead':
    'Angka di halaman ini diambil dari aturan yang dipakai program; jika aturan berubah, halaman ini ikut berubah.',
  'methods.wifi': 'Keadaan titik Wi-Fi',
  'methods.silence':
    'Titik dianggap terganggu bila tidak memberi kabar selama {n} kali selangnya ditambah {s} detik, atau bila alatnya sendiri tidak dapat menjangkau internet.',
  'methods.degraded': 'Titik disebut lambat setelah {n} laporan buruk berturut-turut.',
  'methods.unknown':
    'Bila layanan kami sendiri yang berhenti, atau perangkat di atasnya mati, keadaannya tidak diketahui: bukan aktif, bukan gangguan.',
  'methods.availability':
    'Ketersediaan = waktu aktif / (waktu aktif + waktu gangguan). Waktu yang tidak diketahui dan pemeliharaan tidak dihitung, tetapi bagian waktu yang diketahui selalu ditulis di sebelahnya.',
  'methods.air': 'Indeks udara',
  'methods.ispu':
    'ISPU memakai rata-rata 24 jam setiap pencemar; yang tertinggi menjadi indeks (Permen LHK P.14/2020). Batas atas kadar setiap kategori, dalam µg/m³:',
  'methods.complete':
    'Rata-rata hanya dibuat bila sedikitnya {pct} dari jamnya ada. Kurang dari itu tidak ada angka, dan alasannya ditulis.',
  'methods.coverage': 'Jangkauan Wi-Fi',
  'methods.coverageText':
    'Bagian wilayah desa yang lebih dekat ke suatu titik daripada jari-jarinya: menurut rancangan semua titik, saat ini hanya yang aktif. Ini perkiraan lingkaran, bukan hasil ukur.',
  'methods.pollutant': 'Pencemar',
  'methods.limits': 'Baku mutu untuk laporan:',
  'methods.quality': 'Tanda mutu',
  'methods.qualityText': 'Nilai bertanda tidak dipakai dalam rata-rata dan indeks. Uji yang dijalankan:',
  'methods.bus': 'Kedatangan bus',
  'methods.live':
    '"Langsung" hanya bila posisi kendaraan berumur paling lama {s} detik; lebih dari itu yang ditulis jadwal atau selang.',
  'methods.headway':
    'Rute tanpa jadwal tetap berjalan menurut selang: yang ditulis "tiap sekitar" sekian menit, bukan jam.',
  'methods.fresh': 'Umur data',
  'methods.freshText':
    'Data disebut terkini sampai {a} kali selang perangkat (sedikitnya {b} detik), terlambat sampai {c} kali (sedikitnya {d} detik), lalu data lama: warnanya hilang dan jamnya ditulis.',
  'methods.rules': 'Semua aturan menurut nama',
  'methods.rulesText':
    'Setiap aturan dapat dijalankan sendiri dengan "npm run domain" dan diuji dengan contoh dari sumbernya.',
} as const

type Key = keyof typeof id

const en: Readonly<Record<Key, string>> = {
  'share.title': 'For screens, sites and walls',
  'share.lead': 'How things are in {village}, elsewhere and without opening the map. Place: {place}.',
  'share.kiosk': 'A screen at the office or at a stop',
  'share.kioskVillage': 'Screen of the village',
  'share.kioskStop': 'Screen of stop {name}',
  'share.embed': 'A card for another site',
  'share.embedHow': 'Copy this one line into a page:',
  'share.poster': 'A4 poster with QR code',
  'share.posterOf': 'Poster for {name}',
  'share.feeds': 'Planned work',
  'share.atom': 'Atom feed',
  'share.ical': 'Calendar (iCal)',
  'share.noPlace': 'A poster is for one hotspot or one stop: choose the place first on the',
  'address.local':
    'The address {address} works on this computer alone. Open this page by the address that residents use, then print or copy.',
  'gone.title': 'There is no such page',
  'gone.text': 'The address may be mistyped, or the stop or hotspot is no more. From here you can go to:',
  'fault.title': 'This page cannot be opened yet',
  'fault.text':
    'Try again in a moment. If it stays so, tell those who run this site. From here you can go to:',
  'kiosk.title': 'Screen of {village}',
  'kiosk.stop': 'Arrivals at {name}',
  'kiosk.cut': 'This screen is cut off from the service. Last data at {time}.',
  'embed.open': 'Open the map',
  'poster.scan': 'Scan with a phone camera',
  'poster.hotspot': 'Free public Wi-Fi',
  'poster.stop': 'Stop for bus and angkot',
  'poster.sensor': 'Monitoring station',
  'poster.what': 'See how things are now: the nearest Wi-Fi, the air and the next bus. No app, no account.',
  'poster.routes': 'Routes at this stop',
  'poster.print': 'Print this page on A4 paper (Ctrl+P, or Print in the menu of the browser).',
  'poster.none': 'Choose a hotspot, station or stop first.',
  'poster.pick': 'Choose a place',
  'work.feed': 'Planned work on the Wi-Fi of {village}',
  'work.one': 'Maintenance: {names}',
  'work.all': 'all devices',
  'work.more': '{names} and {n} more devices',
  'work.text': 'From {from} to {to}. Hotspots may be off meanwhile; this time does not count as an outage.',
  'privacy.lead':
    'This page is made by the program from the list that also decides what leaves the server. What is not on the list is not shown.',
  'privacy.shown': 'What everybody can see',
  'privacy.shownOf': 'Of each device (hotspot, sensor, vehicle), not of people:',
  'privacy.field': 'Member',
  'privacy.meaning': 'Meaning',
  'privacy.kept': 'What only staff see',
  'privacy.people': 'Counts of people',
  'privacy.peopleText':
    'Users and passengers are counted, without addresses of their devices. Below {n} only "<{n}" is written. Pantau receives no MAC address, name or number of anybody.',
  'privacy.browser': 'What is kept in your browser',
  'privacy.cookie.pantau_lang': 'the language you chose',
  'privacy.cookie.pantau_place':
    'the id of the public place you chose (stop, hotspot, station); no coordinates',
  'privacy.cookie.pantau_session': 'staff who signed in only: the session, which pages cannot read',
  'privacy.cookie.pantau_signed_in': 'staff who signed in only: a hint that there is a session',
  'privacy.local': 'the theme you chose, and the last state of the map, to open it without a network',
  'privacy.location': 'Your location',
  'privacy.locationText':
    'Asked for only when you press "My location". It stays in the browser, is not sent, and does not go into the address of the page.',
  'privacy.others': 'Others',
  'privacy.othersText':
    'These pages load nothing from other sites: no advertising, no visit counters, no foreign maps.',
  'privacy.othersTiles':
    'The base map is loaded from {host}, which sees your network address. There is nothing else.',
  'privacy.ask': 'See for yourself',
  'privacy.askText': 'What is written here can be checked: open',
  'field.id': 'id of the device',
  'field.geometry': 'where the device is',
  'field.kind': 'kind of device',
  'field.name': 'name of the device or of its place',
  'field.simulated': 'whether the device is simulated',
  'field.state': 'state now',
  'field.since': 'since when it is in that state',
  'field.cause': 'why it is in that state',
  'field.lastSeen': 'when it was last heard',
  'field.expect_every_s': 'how often it should be heard',
  'field.parent': 'the device it hangs below',
  'field.radius_m': 'estimated reach',
  'field.values': 'latest value of each metric, with time and unit',
  'field.air': 'air index and its parts',
  'field.transit': 'route, direction, speed and occupancy of a vehicle',
  'field.clockOffset_ms': 'how wrong the clock of the device is',
  'field.conflicts': 'how often the same value came differently',
  'field.cloneSuspected': 'whether two devices seem to use its credentials',
  'methods.lead':
    'The numbers on this page are taken from the rules that the program uses; when a rule changes, this page changes with it.',
  'methods.wifi': 'State of a hotspot',
  'methods.silence':
    'A hotspot is down when it has been silent for {n} of its intervals and {s} seconds, or when its own probe cannot reach the internet.',
  'methods.degraded': 'It is called slow after {n} poor reports in a row.',
  'methods.unknown':
    'When our own service was away, or what it hangs below is down, its state is not known: neither up nor down.',
  'methods.availability':
    'Availability = time up / (time up + time down). What is not known and maintenance do not count, but the share of time that is known always stands beside it.',
  'methods.air': 'Air index',
  'methods.ispu':
    'ISPU takes the 24-hour mean of each pollutant; the highest is the index (Permen LHK P.14/2020). Upper bound of each category, in µg/m³:',
  'methods.complete':
    'A mean is made only when at least {pct} of its hours are there. With less there is no number, and the reason is written.',
  'methods.coverage': 'Wi-Fi coverage',
  'methods.coverageText':
    'The part of the village’s area that is nearer to a hotspot than its radius: as planned of all hotspots, at present of those that are up. It is an estimate by circles, not a measurement.',
  'methods.pollutant': 'Pollutant',
  'methods.limits': 'Standards for reports:',
  'methods.quality': 'Quality flags',
  'methods.qualityText': 'Flagged values are in no mean and no index. Tests that are run:',
  'methods.bus': 'Bus arrivals',
  'methods.live':
    '"Live" only while the position of the vehicle is at most {s} seconds old; beyond that the timetable or the interval is written.',
  'methods.headway':
    'Routes without a fixed timetable run by interval: "about every" so many minutes is written, not a clock time.',
  'methods.fresh': 'Age of data',
  'methods.freshText':
    'Data are current up to {a} intervals of the device (at least {b} seconds), late up to {c} (at least {d} seconds), then old: the colour goes and the clock is written.',
  'methods.rules': 'All rules by name',
  'methods.rulesText':
    'Each rule can be run by itself with "npm run domain", and is tested with examples of its source.',
}

export type PageTextKey = Key

/** All that these pages say. */
export const PAGE_TEXTS: Readonly<Record<Language, Readonly<Record<Key, string>>>> = { id, en }

/** Says a text of these pages, `{name}` filled in as given. */
export function pageText(language: Language, key: Key, fill: Readonly<Record<string, string>> = {}): string {
  const text: string = (language === 'en' ? en : id)[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => fill[name] ?? whole)
}

/** A key made of parts; null where there is no such text. */
export function pageTextOr(language: Language, key: string): string | null {
  return Object.hasOwn(id, key) ? pageText(language, key as Key) : null // looked up before
}
