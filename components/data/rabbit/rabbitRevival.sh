#!/bin/bash
# When a member of RabbitMQ is ill, and how it restarts.
set -euo pipefail

# Given by the program:
others=('rabbit@10.0.0.141' 'rabbit@10.0.0.142')
amqp_port=5672

runs() { [[ "$(timeout 20 rabbitmqctl -q --node "$1" eval 'rabbit:is_running().' 2>/dev/null)" == true ]]; }
served() {
  local other
  for other in "${others[@]}"; do
    if runs "$other"; then return 0; fi
  done
  return 1
}

# Cheap as long as all is well: it takes connections.
ill() { ! (exec 3<>"/dev/tcp/127.0.0.1/$amqp_port") 2>/dev/null && served; }

# Killed, because to stop it waits for its own start.
restart() {
  systemctl kill --signal=KILL rabbitmq-server.service
  systemctl restart rabbitmq-server.service
}

