-- For wrk: sends the requests of the file that REQUESTS names in turn, and tells what came of it in one line.

local requests, turn = {}, 0

function init()
  local file = io.open(os.getenv('REQUESTS'), 'rb')
  for request in file:read('*a'):gmatch('(.-\r\n\r\n)') do requests[#requests + 1] = request end
  file:close()
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\nCAME %d %d %d %d\n', summary.requests, summary.duration, summary.bytes, failed))
end
