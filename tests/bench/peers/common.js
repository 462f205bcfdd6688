'use strict'
// What the two servers on Node have in common: what a session holds, how long it lasts, and what the page shows.
const { createClient } = require('redis')
const devices = require('./devices.json')

const IDLE = 1800
const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'

exports.IDLE = IDLE
exports.secret = 'measured-and-never-used-for-anything-else'
exports.cookie = { httpOnly: true, sameSite: 'lax', secure: false, maxAge: IDLE * 1000 }
exports.shown = name => ({ name, devices })
exports.visitor = exports.shown('Ada Lovelace 10')
exports.person = number => {
  const now = Math.floor(Date.now() / 1000)
  return {
    id: String(number),
    name: `Ada Lovelace ${number}`,
    email: `ada.${number}@example.test`,
    role: 'member',
    created: now,
    seen: now,
    address: '203.0.113.7',
    agent: BROWSER,
    browser: 'Firefox',
    system: 'Windows'
  }
}
exports.connect = async () => {
  const client = createClient({ url: process.env.REDIS_URL })
  await client.connect()
  return client
}
