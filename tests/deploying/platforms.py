"""What Heroku and Render accept, and what they put into the environment by themselves.

Heroku's as pages of its Dev Center have it ("app.json Schema", "Release Phase", "Dyno Shutdown Behavior", "Heroku
Key-Value Store") and as its buildpack for Python does it (heroku-buildpack-python v351); Render's from its own
blueprint reference (render-oss/skills on GitHub) and the page "Render Key Value".
"""

# A deploy runs the old instances and the new ones side by side for up to half a minute.
SIDE_BY_SIDE = 2

# Both have these. It is the form without a patch version that gets security fixes by itself.
PYTHON_VERSIONS = {"3.10", "3.11", "3.12", "3.13", "3.14"}
# Heroku's build fails where it finds two of these.
LOCKS = {"requirements.txt", "uv.lock", "poetry.lock", "Pipfile.lock", "Pipfile", "runtime.txt"}

HEROKU_KEYS = {
    *("name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env", "formation"),
    *("addons", "buildpacks", "stack", "image", "environments"),
}
HEROKU_VARIABLE_KEYS = {"description", "value", "required", "generator"}
HEROKU_ADDON_KEYS = {"plan", "as", "options"}
HEROKU_SIZES = {"eco", "basic", "standard-1x", "standard-2x", "performance-m", "performance-l"}
# The smallest plans that are sold, and the connections that each allows in all.
HEROKU_POSTGRES, HEROKU_POSTGRES_CONNECTIONS = "heroku-postgresql:essential-0", 20
HEROKU_REDIS, HEROKU_REDIS_CONNECTIONS = "heroku-redis:mini", 20
# What the router lets a dyno have for its start, and what it has from SIGTERM to SIGKILL. Seconds.
HEROKU_BOOT, HEROKU_KILL = 60, 30

HEROKU_SECRET = "f3a1c0de" * 16
HEROKU_ENVIRONMENT = {
    "PORT": "38127",
    "DYNO": "web.1",
    "DATABASE_URL": "postgres://u8a:p1f2@ec2-192-0-2-10.compute-1.amazonaws.com:5432/d7kq",
    "REDIS_URL": "rediss://:p8c61@ec2-192-0-2-20.compute-1.amazonaws.com:25459",
}
# What a person types into the form of the Heroku button.
HEROKU_ASKED = {"PUBLIC_URL": "https://gatehouse-7a1b2c3d4e5f.herokuapp.com/"}

RENDER_ROOT_KEYS = {"services", "databases", "envVarGroups", "projects", "ungrouped", "previews"}
RENDER_WEB_KEYS = {
    *(
        "type",
        "name",
        "runtime",
        "plan",
        "region",
        "repo",
        "branch",
        "buildCommand",
        "startCommand",
        "preDeployCommand",
    ),
    *(
        "healthCheckPath",
        "autoDeployTrigger",
        "domains",
        "numInstances",
        "scaling",
        "maxShutdownDelaySeconds",
        "envVars",
    ),
    *("buildFilter", "rootDir", "disk", "previews"),
}
RENDER_KEYVALUE_KEYS = {"type", "name", "plan", "region", "maxmemoryPolicy", "ipAllowList", "previewPlan"}
RENDER_DATABASE_KEYS = {
    *("name", "plan", "region", "postgresMajorVersion", "databaseName", "user", "ipAllowList", "diskSizeGB"),
    *("highAvailability", "readReplicas", "previewPlan", "previewDiskSizeGB"),
}
RENDER_REGIONS = {"oregon", "ohio", "virginia", "frankfurt", "singapore"}
RENDER_PLANS = {"free", "starter", "standard", "pro", "pro plus", "pro max", "pro ultra"}
RENDER_DATABASE_PLANS = {"free", "basic-256mb", "basic-1gb", "basic-4gb"}
RENDER_SHUTDOWN = range(1, 301)
RENDER_KEYVALUE_CONNECTIONS = {"free": 50, "starter": 250, "standard": 1000}

RENDER_ENVIRONMENT = {
    "PORT": "10000",
    "RENDER": "true",
    "RENDER_EXTERNAL_URL": "https://gatehouse.onrender.com",
}
RENDER_SECRET = "B0jrphAPOY7pg92AN0c9MN4yecczLMdwnx4OkA1KFUk="
# What "connectionString" stands for, by the kind of what it belongs to.
RENDER_STRINGS = {
    "keyvalue": "redis://red-cq3ab1:6379",
    "database": "postgresql://gatehouse:p1f2@dpg-cq3ab1-a/gatehouse",
}
