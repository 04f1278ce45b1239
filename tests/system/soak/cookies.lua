-- What wrk sends: in turn a valid cookie, an older copy of it, a forged one, junk, a long header, and nothing.
local valid, stale = os.getenv("VALID"), os.getenv("STALE")
local middle = math.floor(#valid / 2)
local other = valid:sub(middle, middle) == "A" and "B" or "A"
local forged = valid:sub(1, middle - 1) .. other .. valid:sub(middle + 1)
local lines = {
   valid, stale, forged, "login-demo=junk", "login-demo=" .. string.rep("A", 4096),
   string.rep("a=b; ", 200) .. valid, "login-demo.out.zz=1; login-demo.seen=x; " .. valid, "",
}
local paths = { "/", "/admin/", "/session", "/login", "/logout", "/nowhere" }
local turn = 0

function request()
   turn = turn + 1
   local line = lines[turn % #lines + 1]
   local headers = line ~= "" and { ["Cookie"] = line } or {}
   return wrk.format("GET", paths[math.floor(turn / #lines) % #paths + 1], headers)
end

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   failures = 0
end

-- Only these: a page, a redirect to the login, no such page.
function response(status)
   if status ~= 200 and status ~= 303 and status ~= 404 then failures = failures + 1 end
end

function done(summary)
   local failures = 0
   for _, thread in ipairs(threads) do failures = failures + thread:get("failures") end
   local errors = summary.errors
   local broken = errors.connect + errors.read + errors.write + errors.timeout
   print(string.format("requests %d, answers that are none of the demo's %d, broken connections %d", summary.requests, failures, broken))
   if failures + broken > 0 then os.exit(1) end
end
