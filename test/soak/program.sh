# A program that lives from 0 to 90 ms, in one of many shapes, chosen by its own pid.
# The lock belongs to everything that it starts: nobody gets it as long as one of them lives.
exec 9>>"$LOCK"
flock -n 9
# Any other code: flock itself was hit by one of the signals.
[ $? -ne 1 ] || echo "run $RELOAD_RUN (pid $$) began beside: $(cat "$LAST")" >>"$OVERLAPS"
chosen=$((($$ * 7919 + RELOAD_RUN * 104729) % 15))
echo "run $RELOAD_RUN (pid $$, shape $chosen)" >"$LAST"
echo "$RELOAD_RUN $$" >>"$STARTS"
life=0.0$((($$ / 15) % 9))
case $chosen in
0) exit 0 ;;
1) exit 3 ;;
2) kill -9 $$ ;;
3) kill -PIPE $$ ;;
4) sleep 1000 & exit 0 ;;
5) sleep 1000 & sleep $life; exit 4 ;;
6) setsid sleep 1000 & sleep $life ;;
7) (setsid sleep 1000 &) ; exit 0 ;;
8) (setsid sh -c 'trap "" TERM; sleep 1000; true' &) ; sleep $life ;;
9) trap '' TERM; sleep $life; sleep 1000 ;;
10) kill -STOP $$ ;;
11) sleep 1000 & kill -STOP $! ; sleep $life ;;
12) trap 'sleep 0.05; exit 0' TERM; sleep 1000 & wait ;;
13) (sleep 1000 & sleep 1000 & (sleep 1000 & wait) & wait) & sleep $life ;;
14) exec sleep 1000 ;;
esac
