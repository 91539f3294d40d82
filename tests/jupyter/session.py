"""Sessions with the kernel by jupyter_client, the library below every frontend of Jupyter.

`JUPYTER_PATH` says where the kernel is installed.
"""

import os
import queue
import signal
import time
import unittest

import zmq
from jupyter_client.manager import start_new_kernel
from jupyter_client.session import Session

LONGEST = 30


def outputs(client, code, **how):
    """The reply, and what was told of the cell but its states."""
    told = []

    def hear(message):
        if message["msg_type"] not in ("status", "execute_input"):
            told.append((message["msg_type"], message["content"]))

    reply = client.execute_interactive(code, output_hook=hear, timeout=LONGEST, **how)
    return reply["content"], told


def reply_to(client, asked):
    while True:
        reply = client.get_shell_msg(timeout=LONGEST)
        if reply["parent_header"].get("msg_id") == asked:
            return reply["content"]


class Sessions(unittest.TestCase):
    def setUp(self):
        self.manager, self.client = start_new_kernel(kernel_name="eclexia")

    def tearDown(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run_cell(self, code, **how):
        return outputs(self.client, code, **how)

    def value(self, code):
        _, told = self.run_cell(code)
        return told[-1][1]["data"]["text/plain"]

    def test_what_a_cell_says_comes_in_order_and_its_last_value_is_the_result(self):
        reply, told = self.run_cell('(print "a") (+ 1 2) (print "b")\n(def x 5) (* x 3)')
        kinds = [kind for kind, _ in told]
        self.assertEqual(kinds, ["stream", "display_data", "stream", "execute_result"])
        self.assertEqual(told[0][1], {"name": "stdout", "text": "a\n"})
        self.assertEqual(told[1][1]["data"]["text/plain"], "3 : Int")
        self.assertEqual(told[2][1]["text"], "b\nx : Int\n")
        self.assertEqual(told[3][1]["data"]["text/plain"], "15 : Int")
        self.assertEqual((reply["status"], reply["execution_count"]), ("ok", 1))
        self.assertEqual(told[3][1]["execution_count"], 1)

    def test_a_message_points_into_its_cell_and_what_was_before_is_kept(self):
        self.run_cell("(def kept 7)")
        reply, told = self.run_cell("\n\n  (quot kept 0)\n(print 1)")
        self.assertEqual([kind for kind, _ in told], ["error"])
        self.assertEqual(reply["ename"], "division-by-zero")
        self.assertEqual(reply["traceback"], told[0][1]["traceback"])
        self.assertIn("<cell 2>:3:3", "\n".join(reply["traceback"]))
        self.assertEqual(self.value("kept"), "7 : Int")

    def test_commands_stand_on_lines_of_a_cell(self):
        _, told = self.run_cell("(def x 1)\n:type (list\n  x)\n(+ x 1)\n:nonsense\n(print 2)")
        self.assertEqual(told[0][1]["text"], "x : Int\n(list\n  x) : (List Int)\n")
        self.assertEqual(told[1][1]["data"]["text/plain"], "2 : Int")
        self.assertEqual([kind for kind, _ in told], ["stream", "display_data", "error"])
        self.assertEqual(told[2][1]["ename"], "repl-command")

    def test_a_silent_cell_says_nothing_and_counts_nothing(self):
        reply, told = self.run_cell('(print "x") (def y 2) y', silent=True)
        self.assertEqual((told, reply["status"], reply["execution_count"]), ([], "ok", 0))
        reply, told = self.run_cell("(+ y 1)", store_history=False)
        self.assertEqual(told[0][1]["data"]["text/plain"], "3 : Int")
        self.assertEqual(reply["execution_count"], 0)
        reply, _ = self.run_cell("(quot 1 0)", silent=True)
        self.assertEqual((reply["status"], reply["ename"]), ("error", "division-by-zero"))

    def test_expressions_beside_a_cell_are_answered_by_name(self):
        how = {"user_expressions": {"sum": "(+ 40 2)", "wrong": "(quot 1 0)"}}
        reply, _ = self.run_cell("(def z 1)", **how)
        told = reply["user_expressions"]
        self.assertEqual(told["sum"]["data"]["text/plain"], "42 : Int")
        self.assertEqual(told["wrong"]["status"], "error")
        self.assertEqual(told["wrong"]["ename"], "division-by-zero")

    def test_an_evaluation_is_interrupted_by_a_message_and_by_a_signal(self):
        self.run_cell("(def kept 1)")
        for interrupt in (self.manager.interrupt_kernel, self.send_signal):
            asked = self.client.execute('(print "began") (loop [i 0] (recur (+ i 1)))')
            self.until(asked, lambda m: m["content"].get("text") == "began\n")
            interrupt()
            self.assertEqual(reply_to(self.client, asked)["ename"], "interrupted")
            self.until(asked, lambda m: m["content"].get("execution_state") == "idle")
            self.assertEqual(self.value("kept"), "1 : Int")
        self.assertTrue(self.client.hb_channel.is_beating())

    def send_signal(self):
        os.kill(self.manager.provisioner.pid, signal.SIGINT)

    def until(self, asked, is_it):
        while True:
            message = self.client.get_iopub_msg(timeout=LONGEST)
            if message["parent_header"].get("msg_id") == asked and is_it(message):
                return message

    def test_what_waits_behind_a_failure_is_not_evaluated(self):
        slow = self.client.execute("(loop [i 0] (recur (+ i 1)))")
        self.until(slow, lambda m: m["msg_type"] == "execute_input")
        behind = [self.client.execute("(print 1)") for _ in range(3)]
        # They are to have come before the first is stopped.
        time.sleep(0.3)
        self.manager.interrupt_kernel()
        self.assertEqual(reply_to(self.client, slow)["status"], "error")
        for asked in behind:
            self.assertEqual(reply_to(self.client, asked)["status"], "aborted")
        self.assertEqual(self.value("(+ 1 1)"), "2 : Int")
        first = self.client.execute("(quot 1 0)", stop_on_error=False)
        second = self.client.execute("(+ 1 1)")
        self.assertEqual(reply_to(self.client, first)["status"], "error")
        self.assertEqual(reply_to(self.client, second)["status"], "ok")

    def test_places_are_counted_in_characters(self):
        code = '(str "𝒳é" (list/take-w'
        found = reply_to(self.client, self.client.complete(code))
        self.assertEqual(found["matches"], ["list/take-while"])
        self.assertEqual((found["cursor_start"], found["cursor_end"]), (11, 22))
        types = found["metadata"]["_jupyter_types_experimental"]
        self.assertEqual((types[0]["type"], types[0]["start"]), ("function", 11))
        self.run_cell('(defn twice "Doubles." [n] (* 2 n))')
        for code, at in (("(twi", 4), ("(twice", 4), ('"𝒳" (twice 1)', 8)):
            found = reply_to(self.client, self.client.complete(code, at))
            self.assertEqual((found["matches"], found["cursor_end"]), (["twice"], at))
        found = reply_to(self.client, self.client.inspect("(twice 1)", 7))
        self.assertTrue(found["found"])
        self.assertIn("twice : (Fn [Int] Int)\nDoubles.", found["data"]["text/plain"])
        self.assertFalse(reply_to(self.client, self.client.inspect("(nothing 1)", 4))["found"])

    def test_a_kernel_answers_what_it_does_not_know(self):
        for channel in ("shell", "control"):
            send = getattr(self.client, f"{channel}_channel").send
            send(self.client.session.msg("dream_request", {"of": "sheep"}))
            answer = getattr(self.client, f"get_{channel}_msg")(timeout=LONGEST)
            self.assertEqual(answer["msg_type"], "dream_reply")
            self.assertEqual(answer["content"]["status"], "error")
        self.client.shell_channel.send(self.client.session.msg("comm_open", {"comm_id": "7"}))
        while (told := self.client.get_iopub_msg(timeout=LONGEST))["msg_type"] != "comm_close":
            pass
        self.assertEqual(told["content"]["comm_id"], "7")
        answer = reply_to(self.client, self.client.comm_info())
        self.assertEqual(answer, {"status": "ok", "comms": {}})

    def test_what_is_not_signed_is_not_followed(self):
        info = self.client.get_connection_info()
        stranger = Session(key=b"another", signature_scheme=info["signature_scheme"])
        with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
            socket.linger = 0
            socket.connect(f"tcp://127.0.0.1:{info['control_port']}")
            stranger.send(socket, stranger.msg("shutdown_request", {"restart": False}))
            wrong = [b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"]
            for parts in (wrong, wrong[:3], [b""], [b"<IDS|MSG>"] * 3, [b"\xff" * 1000] * 40):
                socket.send_multipart(parts)
            self.assertEqual(socket.poll(500), 0)
        self.assertEqual(self.value("(+ 1 2)"), "3 : Int")

    def test_much_output_comes_whole_and_in_few_messages(self):
        code = "(loop [i 0] (if (< i 20000) (do (print i) (recur (+ i 1))) i))"
        _, told = self.run_cell(code)
        text = "".join(content["text"] for kind, content in told if kind == "stream")
        self.assertEqual(text, "".join(f"{i}\n" for i in range(20000)))
        self.assertLess(len(told), 1000)
        self.assertEqual(told[-1][1]["data"]["text/plain"], "20000 : Int")

    def test_a_kernel_restarts_and_ends_when_it_is_asked(self):
        self.run_cell("(def gone 1)")
        self.manager.restart_kernel(now=False)
        self.client.wait_for_ready(timeout=LONGEST)
        reply, _ = self.run_cell("gone")
        self.assertEqual(reply["ename"], "unknown-name")
        endless = self.client.execute("(loop [i 0] (recur (+ i 1)))")
        self.until(endless, lambda m: m["msg_type"] == "execute_input")
        began = time.monotonic()
        asked = self.client.shutdown()
        while (answer := self.client.get_control_msg(timeout=LONGEST)):
            if answer["parent_header"]["msg_id"] == asked:
                break
        self.assertEqual(answer["content"], {"status": "ok", "restart": False})
        while self.manager.is_alive():
            self.assertLess(time.monotonic() - began, LONGEST)
            time.sleep(0.01)

    def test_quit_lets_the_kernel_go(self):
        reply, _ = self.run_cell(":quit")
        self.assertEqual(reply["payload"], [{"source": "ask_exit", "keepkernel": False}])
        self.assertEqual(self.value("(+ 1 2)"), "3 : Int")
        with self.assertRaises(queue.Empty):
            self.client.get_shell_msg(timeout=0.1)


if __name__ == "__main__":
    unittest.main()
