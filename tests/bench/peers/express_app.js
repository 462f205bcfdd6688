'use strict'
// Express with express-session, which slides with each page, and connect-redis, as their documentation puts them
// together.
const express = require('express')
const session = require('express-session')
const { RedisStore } = require('connect-redis')
const { connect, cookie, person, secret, shown, visitor } = require('./common.js')

const serve = async () => {
  const store = new RedisStore({ client: await connect() })
  const app = express()
  app.set('views', __dirname)
  app.set('view engine', 'ejs')
  // Before the session, which a visitor does not pay for.
  app.get('/visitor', (request, response) => response.render('page', visitor))
  app.use(session({ store, secret, cookie, rolling: true, resave: false, saveUninitialized: false }))
  app.get('/sign-in', (request, response, next) => {
    request.session.regenerate(error => {
      if (error) return next(error)
      request.session.user = person(Number(request.query.user))
      response.type('text').send('Welcome.\n')
    })
  })
  app.get('/me', (request, response) => {
    const { user } = request.session
    if (!user) return response.sendStatus(401)
    response.render('page', shown(user.name))
  })
  app.listen(Number(process.env.PORT), '127.0.0.1')
}

serve()
