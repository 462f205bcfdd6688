'use strict'
// Fastify with @fastify/session, which slides with each page, and connect-redis, as their documentation puts them
// together.
const fastify = require('fastify')
const { RedisStore } = require('connect-redis')
const { IDLE, connect, cookie, person, secret, shown, visitor } = require('./common.js')

const withSession = client => async scope => {
  const store = new RedisStore({ client, ttl: IDLE })
  scope.register(require('@fastify/cookie'))
  scope.register(require('@fastify/session'), { store, secret, cookie, rolling: true, saveUninitialized: false })
  scope.get('/sign-in', async (request, reply) => {
    await request.session.regenerate()
    request.session.user = person(Number(request.query.user))
    reply.type('text/plain')
    return 'Welcome.\n'
  })
  scope.get('/me', (request, reply) => {
    const { user } = request.session
    return user ? reply.view('page.ejs', shown(user.name)) : reply.code(401).send()
  })
}

const serve = async () => {
  const app = fastify()
  app.register(require('@fastify/view'), { engine: { ejs: require('ejs') }, root: __dirname, production: true })
  // Beside the session, which a visitor does not pay for.
  app.get('/visitor', (request, reply) => reply.view('page.ejs', visitor))
  app.register(withSession(await connect()))
  await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
}

serve()
